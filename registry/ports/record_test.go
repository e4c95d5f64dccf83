package ports

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fullRecord has another value in every column.
func fullRecord() Record {
	return recordOf([...]string{
		"acp", "6000-6063", "dccp", `Aeolon "Core" <Protocol> & more`, "[Michael_Alyn_Miller]", "[Michael_Alyn_Miller_2]",
		"2009-10", "2012-06-14", "[RFC9110]", "1094797632", "Used on 1,024", "héhé",
	})
}

func recordFields(r Record) []string {
	var out []string
	for f := range reflect.TypeOf(r).Fields() {
		out = append(out, f.Name)
	}
	return out
}

func fieldText(r Record, field string) string {
	return fmt.Sprint(reflect.ValueOf(r).FieldByName(field).Interface())
}

func TestStatus(t *testing.T) {
	// Every description that an unnamed record of the editions of 2016 to 2023 has.
	of := map[Status][]string{
		Unassigned: {
			"", "Unassigned", "unassigned", "Unassigned [was netstat]", "(unassigned) Possibly assigned",
			"Unassigned (FRP-Released 12/7/00)",
		},
		Reserved: {
			"Reserved", "Reserved - IANA", "IANA Reserved", "De-registered", "Removed", "Deprecated",
			"De-Commissioned Port", "Decomissioned Port 04/14/00, ms",
		},
		Assigned: {
			"any private mail system", "any private dial out service", "any private file service", "any private printer server",
			"any private terminal access", "any private terminal link", "any private RJE service", "Possibly used by Sun Solaris????",
		},
	}
	for want, descriptions := range of {
		for _, d := range descriptions {
			r := rec("", "80", "tcp", d)
			if got := r.Status(); got != want {
				t.Errorf("unnamed, %q: Status() = %s, want %s", d, got, want)
			}
			r = rec("http", "80", "tcp", d)
			if got := r.Status(); got != Assigned {
				t.Errorf("named, %q: Status() = %s, want Assigned", d, got)
			}
		}
	}
	stun := rec("stun-behaviors", "5349", "udp", "Reserved for a future enhancement of STUN-BEHAVIOR")
	if got := stun.Status(); got != Assigned {
		t.Errorf("stun-behaviors is %s, want Assigned", got)
	}
}

func TestCanonicalOrder(t *testing.T) {
	want := []Record{
		rec("", "0", "tcp", ""),
		rec("", "0", "udp", ""),
		rec("z", "9", "", ""),
		rec("a", "9", "tcp", ""),
		rec("b", "9", "tcp", ""),
		rec("a", "9", "udp", "a"),
		rec("a", "9", "udp", "b"),
		rec("", "10", "", ""),
		rec("", "10-10", "", ""), // the same ports, written otherwise
		rec("", "10-11", "", ""),
		rec("", "10-20", "", ""),
		rec("", "11", "", ""),
		rec("", "65535", "", ""),
		rec("", "", "", "neither"),
		rec("B", "", "", ""),
		rec("a", "", "", ""),
		rec("a", "", "tcp", ""),
		rec("a", "5-3", "tcp", ""), // no port that could be read
		rec("a", "x", "tcp", ""),
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		got := slices.Clone(want)
		rng.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		got = table(got...).Records
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("canonical order (-want +got):\n%s", diff)
		}
	}
	for i, a := range want {
		for j, b := range want {
			if got := Compare(a, b); sign(got) != sign(i-j) {
				t.Errorf("Compare(%v, %v) = %d, want the sign of %d", a, b, got, i-j)
			}
		}
	}
}

func sign(n int) int { return max(-1, min(n, 1)) }

func TestCompareHeedsEveryColumn(t *testing.T) {
	a := fullRecord()
	for i := range columns {
		v := a.Values()
		v[i] += "x"
		if b := recordOf(v); Compare(a, b) == 0 || Compare(a, b) != -Compare(b, a) {
			t.Errorf("Compare does not tell apart records that differ in %s", columns[i].Name)
		}
	}
}

func TestRecordJSON(t *testing.T) {
	r := fullRecord()
	const want = `{"service_name":"acp","port_number":"6000-6063","transport_protocol":"dccp",` +
		`"description":"Aeolon \"Core\" <Protocol> & more","assignee":"[Michael_Alyn_Miller]","contact":"[Michael_Alyn_Miller_2]",` +
		`"registration_date":"2009-10","modification_date":"2012-06-14","reference":"[RFC9110]","service_code":"1094797632",` +
		`"unauthorized_use_reported":"Used on 1,024","assignment_notes":"héhé"}`
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want+"\n", b.String()); diff != "" {
		t.Errorf("record as JSON (-want +got):\n%s", diff)
	}
	direct, err := r.MarshalJSON()
	if err != nil || string(direct) != want {
		t.Errorf("MarshalJSON() = %s, %v, want one line:\n%s", direct, err, want)
	}

	malformed := rec("a", "70000", "xtp", "\u2028</script>")
	malformed.RegistrationDate, _ = ParseDate("2006-13")
	for _, r := range []Record{{}, r, malformed} {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		got := fullRecord() // what was there before must go
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if got != r {
			t.Errorf("JSON round trip (-want +got):\n%s", cmp.Diff(r, got))
		}
	}
	for _, bad := range []string{`{"port_number": 80}`, `[]`, `"x"`} {
		if err := json.Unmarshal([]byte(bad), new(Record)); err == nil {
			t.Errorf("%s is taken for a record", bad)
		}
	}
}
