package snapshots

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/registry/ports"
)

// Each sighting is "mirror table" or "mirror table/bytes". Mirrors c and d are of CSV, x and y of XML.
func TestVersionsOfMirrors(t *testing.T) {
	tests := []struct{ name, sightings, versions string }{
		{"one mirror", "c1 c1 c2 c1 c2", "0 2 3 4"},
		{"exported anew", "c1 c1/b c1", "0 1 2"},
		{"another form of the same table", "c1 x1 c1 x1/b c2 x2", "0 4"},
		{"which is followed by the first form, exported anew", "c1 x1 c1/b x1 c1/b", "0 2"},
		{"another form comes first", "x1 c1 x1/b c1/b", "0 2"},
		{"a mirror lags", "c1 x1 x2 c1 c2 x3 c2 c3", "0 2 5"},
		{"a mirror lags by two", "c1 x1 x2 x3 c1 c2 c3", "0 2 3"},
		{"a mirror that lags never shows a table", "x1 x2 c1 x3 c3", "0 1 3"},
		{"a rollback in the mirror that leads", "c1 x1 x2 x1 c1", "0 2 3"},
		{"a rollback in both", "c1 x1 c2 x2 x1 c1", "0 2 4"},
		{"a rollback, of which the other mirror does not know yet", "c1 x1 c2 x2 x1 c2 c1 x3", "0 2 4 5 6 7"},
		{"mirrors of one form", "c1 d1 c2 d1 d2", "0 2"},
		{"mirrors of one form and other bytes", "c1 d1/b c2 d1/b", "0 1 2"},
		{"an old table in a new mirror", "c1 c2 x1", "0 1"},
		{"which somebody accepted", "c1 c2 x1!", "0 1 2"},
	}
	for _, tt := range tests {
		d := newDecider(0) // a "!" at the end is a note
		var got []string
		for i, s := range strings.Fields(tt.sightings) {
			name, accepted := strings.CutSuffix(s[1:], "!")
			table, bytes, _ := strings.Cut(name, "/")
			v := Version{ID: fmt.Sprint(i), TableSHA256: table, SHA256: table + bytes, Source: fmt.Sprintf("https://example.org/%c@%040d:f", s[0], i)}
			if s[0] == 'x' || s[0] == 'y' {
				v.Form, v.SHA256 = ports.XML, "x"+v.SHA256
			}
			if accepted {
				v.Note = "accepted: a rollback"
			}
			if d.next(&v) {
				got = append(got, v.ID)
			}
		}
		if got := strings.Join(got, " "); got != tt.versions {
			t.Errorf("%s: of %s the versions are %s, want %s", tt.name, tt.sightings, got, tt.versions)
		}
	}
}

func TestMirror(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"mirror@" + strings.Repeat("a", 40) + ":x.csv", "mirror@" + strings.Repeat("b", 40) + ":y/z.csv", true},
		{"mirror@" + strings.Repeat("a", 40) + ":x.csv", "other@" + strings.Repeat("a", 40) + ":x.csv", false},
		{"http://ARCHIVE/web/20200101000000id_/http://iana/p.csv", "http://ARCHIVE/web/20210101000000id_/http://iana/p.csv", true},
		{"http://ARCHIVE/web/20200101000000id_/http://iana/p.csv", "http://iana/p.csv", false},
		{"https://iana/p.csv", "https://example.org/p.csv", false},
		{"https://example.org/2020.csv", "https://example.org/2021.csv", true},
		{"https://example.org/ports/delta/20200101T000000Z.jsonl", "https://example.org/ports/ports.csv", true},
		{"2020-01-01.csv", "2021-01-01.csv", true},
		{"2020-01-01.csv", "https://iana/p.csv", false},
	}
	for _, tt := range tests {
		a, b := Version{Source: tt.a}, Version{Source: tt.b}
		if same := a.mirror() == b.mirror(); same != tt.same {
			t.Errorf("%s and %s: the same mirror is %v, want %v", tt.a, tt.b, same, tt.same)
		}
	}
	csv, xml := Version{Source: "m"}, Version{Source: "m", Form: ports.XML}
	if csv.mirror() == xml.mirror() {
		t.Error("two forms of file are one mirror")
	}
}
