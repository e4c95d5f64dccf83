package ports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decodeTests are files of the registry, and what is to become of them. The rows
// are given without the header, which is line 1.
var decodeTests = []struct {
	name     string
	header   string // IANA's if empty
	rows     string
	want     []Record
	problems []string // line:column: field: reason
}{
	{
		name: "clean",
		rows: line("http", "80", "tcp", "World Wide Web") + line("", "81", "", "Unassigned"),
		want: []Record{rec("http", "80", "tcp", "World Wide Web"), rec("", "81", "", "Unassigned")},
	},
	{
		name: "every column",
		rows: `acp,6000-6063,dccp,"Aeolon ""Core"" <Protocol> & more",[Michael_Alyn_Miller],[Michael_Alyn_Miller_2],2009-10,2012-06-14,[RFC9110],1094797632,"Used on 1,024",héhé`,
		want: []Record{fullRecord()},
	},
	{
		name:   "columns in another order",
		header: "Assignment Notes,Unauthorized Use Reported,Service Code,Reference,Modification Date,Registration Date,Contact,Assignee,Description,Transport Protocol,Port Number,Service Name\n",
		rows:   `héhé,"Used on 1,024",1094797632,[RFC9110],2012-06-14,2009-10,[Michael_Alyn_Miller_2],[Michael_Alyn_Miller],"Aeolon ""Core"" <Protocol> & more",dccp,6000-6063,acp`,
		want:   []Record{fullRecord()},
	},
	{
		name:   "columns in another order, malformed",
		header: "Port Number,Registration Date,Service Name,Transport Protocol,Description,Assignee,Contact,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\n",
		rows:   "5-3,2006-02-30,a,xtp,,,,,,,,\n",
		want:   []Record{bad("a", "5-3", "xtp", "2006-02-30", "")},
		problems: []string{
			"2:1: Port Number: the range ends before it begins",
			`2:5: Registration Date: "2006-02-30": there is no such day or month`,
			`2:18: Transport Protocol: "xtp" is none of tcp, udp, sctp and dccp`,
		},
	},
	{
		name:   "a column like a known one",
		header: strings.TrimSpace(header) + ",\u200bPort Number\r\n",
		rows:   "a,1,,,,,,,,,,,2\n",
		want:   []Record{rec("a", "1", "", "")},
	},
	{
		name: "duplicates stay",
		rows: line("rdp", "", "", "x") + line("rdp", "", "", "x"),
		want: []Record{rec("rdp", "", "", "x"), rec("rdp", "", "", "x")},
	},
	{
		name:     "port over 65535",
		rows:     line("ok", "1", "", "") + line("a", "70000", "tcp", ""),
		want:     []Record{rec("ok", "1", "", ""), rec("a", "70000", "tcp", "")},
		problems: []string{"3:3: Port Number: 70000 is over 65535, the highest port number"},
	},
	{
		name:     "range backwards",
		rows:     line("a", "5-3", "tcp", ""),
		want:     []Record{rec("a", "5-3", "tcp", "")},
		problems: []string{"2:3: Port Number: the range ends before it begins"},
	},
	{
		name:     "no number",
		rows:     line("abc", "x", "tcp", ""),
		want:     []Record{rec("abc", "x", "tcp", "")},
		problems: []string{`2:5: Port Number: "x" is not a port number`},
	},
	{
		name:     "after fields of several lines",
		rows:     line("ok", "1", "", "\"one\ntwo\r\n\r\nthree\"") + line("ok", "2", "", "") + line("\"a\nb\"", "x", "tcp", ""),
		want:     []Record{rec("ok", "1", "", "one two three"), rec("ok", "2", "", ""), rec("a b", "x", "tcp", "")},
		problems: []string{`8:4: Port Number: "x" is not a port number`},
	},
	{
		name:     "two cells of one row, on two lines",
		rows:     "\n" + `a,x,tcp,"one` + "\r\n" + `two",,,2006-13,2006-1-1,,,,` + "\r\n",
		want:     []Record{bad("a", "x", "tcp", "2006-13", "2006-1-1", "one two")},
		problems: []string{`3:3: Port Number: "x" is not a port number`, `4:8: Registration Date: "2006-13": there is no such day or month`, `4:16: Modification Date: "2006-1-1": a date is YYYY-MM-DD or YYYY-MM`},
	},
	{
		name:     "columns are bytes",
		rows:     line("é", "x", "tcp", ""),
		want:     []Record{rec("é", "x", "tcp", "")},
		problems: []string{`2:4: Port Number: "x" is not a port number`},
	},
	{
		name:     "a quoted cell begins at its quote",
		rows:     line("a", `" x "`, "tcp", ""),
		want:     []Record{rec("a", "x", "tcp", "")},
		problems: []string{`2:3: Port Number: "x" is not a port number`},
	},
	{
		name:     "a byte order mark is not of the first line",
		header:   "\ufeff" + header,
		rows:     line("a", "x", "tcp", ""),
		want:     []Record{rec("a", "x", "tcp", "")},
		problems: []string{`2:3: Port Number: "x" is not a port number`},
	},
	{
		name: "34 fields",
		rows: line("ok", "1", "", "") + `a,2,tcp,"x, y",,,,,,,,` + `last` + strings.Repeat(`,"more`+"\n"+`"`, 22) + "\r\n" + line("b", "y", "", ""),
		want: []Record{rec("ok", "1", "", ""), noted(rec("a", "2", "tcp", "x, y"), "last"), rec("b", "y", "", "")},
		problems: []string{
			"3:1: the row has 34 fields where the header has 12: those past the last are left out",
			`26:3: Port Number: "y" is not a port number`,
		},
	},
	{
		name:   "a field too many beside an unknown column",
		header: "X," + header,
		rows:   "x,a,1,tcp,,,,,,,,,,more\r\nx,b,2,tcp,,,,,,,,,,\r\n",
		want:   []Record{rec("a", "1", "tcp", ""), rec("b", "2", "tcp", "")},
		problems: []string{
			"2:1: the row has 14 fields where the header has 13: those past the last are left out",
			"3:1: the row has 14 fields where the header has 13: those past the last are left out",
		},
	},
	{
		name: "5 fields",
		rows: "a,2,tcp,x,[A]\r\n" + line("b", "y", "", ""),
		want: []Record{assigned(rec("a", "2", "tcp", "x"), "[A]"), rec("b", "y", "", "")},
		problems: []string{
			"2:1: the row has 5 fields where the header has 12: the last ones are taken as empty",
			`3:3: Port Number: "y" is not a port number`,
		},
	},
	{
		name:     "invalid UTF-8",
		rows:     line("a", "1", "tcp", "x\xff") + line("b", "2", "tcp", "\"one\n\xe2\x82\""),
		want:     []Record{rec("a", "1", "tcp", "x\ufffd"), rec("b", "2", "tcp", "one \ufffd\ufffd")},
		problems: []string{"2:10: byte 0xff is not UTF-8: U+FFFD stands for it", "4:1: byte 0xe2 is not UTF-8: U+FFFD stands for it"},
	},
	{
		name: "U+FFFD as such is no fault",
		rows: line("a", "1", "tcp", "\ufffd"),
		want: []Record{rec("a", "1", "tcp", "\ufffd")},
	},
	{
		name:     "U+FFFD hides nothing",
		rows:     line("a", "1", "tcp", "\ufffd\xff") + line("b", "2", "tcp", "\ufffd\x00"),
		want:     []Record{rec("a", "1", "tcp", "\ufffd\ufffd"), rec("b", "2", "tcp", "\ufffd\x00")},
		problems: []string{"2:12: byte 0xff is not UTF-8: U+FFFD stands for it", "3:12: control character U+0000"},
	},
	{
		name:     "NUL and other control characters",
		rows:     line("a", "1", "tcp", "x\x00y\x00") + line("b", "2", "tcp", "\x7f") + line("c", "3", "tcp", "\u0080") + line("d", "4", "tcp", "a\tb\u0085c"),
		want:     []Record{rec("a", "1", "tcp", "x\x00y\x00"), rec("b", "2", "tcp", "\x7f"), rec("c", "3", "tcp", "\u0080"), rec("d", "4", "tcp", "a b c")},
		problems: []string{"2:10: control character U+0000", "3:9: control character U+007F", "4:9: control character U+0080"},
	},
	{
		name:     "a stray quote in plain text",
		rows:     line("a", "1", "tcp", `4" disk`) + line("b", "2", "tcp", ""),
		want:     []Record{rec("a", "1", "tcp", `4" disk`), rec("b", "2", "tcp", "")},
		problems: []string{"2:10: a quote that opens or closes no field, or is never closed"},
	},
	{
		name:     "a stray quote in a quoted cell",
		rows:     line("a", "1", "tcp", "\"one\n4\" disk\"") + line("b", "2", "tcp", ""),
		want:     []Record{rec("a", "1", "tcp", `one 4 disk"`), rec("b", "2", "tcp", "")},
		problems: []string{"3:2: a quote that opens or closes no field, or is never closed"},
	},
	{
		name: "a quote never closed",
		rows: line("a", "1", "tcp", "") + "b,2,tcp,\"rest\n" + line("c", "3", "tcp", ""),
		want: []Record{rec("a", "1", "tcp", ""), rec("b", "2", "tcp", "rest c,3,tcp,,,,,,,,,")},
		problems: []string{
			"3:1: the row has 4 fields where the header has 12: the last ones are taken as empty",
			"3:9: a quote that opens or closes no field, or is never closed",
		},
	},
	{
		name:     "transports",
		rows:     line("a", "1", "SCTP", "") + line("b", "2", "tcp/udp", ""),
		want:     []Record{rec("a", "1", "sctp", ""), rec("b", "2", "tcp/udp", "")},
		problems: []string{`3:5: Transport Protocol: "tcp/udp" is none of tcp, udp, sctp and dccp`},
	},
	{
		name:     "neither name nor port",
		rows:     line("", "", "tcp", "x") + ",,,,,,,,,,,\r\n" + "\"\"\r\n",
		want:     []Record{{}, {}, rec("", "", "tcp", "x")},
		problems: []string{"2:1: the row has neither a service name nor a port number", "3:1: the row has neither a service name nor a port number", "4:1: the row has 1 fields where the header has 12: the last ones are taken as empty", "4:1: the row has neither a service name nor a port number"},
	},
	{
		name:     "line ends of all kinds",
		rows:     "a,1,,,,,,,,,,\n\n\r\nb,2,,,,,,,,,,\r\n\r\nc,x,,,,,,,,,,",
		want:     []Record{rec("a", "1", "", ""), rec("b", "2", "", ""), rec("c", "x", "", "")},
		problems: []string{`7:3: Port Number: "x" is not a port number`},
	},
}

// bad is a record with dates that may be malformed.
func bad(name, ports, transport, registered, modified string, description ...string) Record {
	r := rec(name, ports, transport, strings.Join(description, ""))
	r.RegistrationDate, _ = ParseDate(registered)
	r.ModificationDate, _ = ParseDate(modified)
	return r
}

func noted(r Record, notes string) Record { r.AssignmentNotes = notes; return r }

func assigned(r Record, assignee string) Record { r.Assignee = assignee; return r }

func problemTexts(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

func TestParse(t *testing.T) {
	for _, tt := range decodeTests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.header == "" {
				tt.header = header
			}
			tab := mustParse(t, tt.header+tt.rows)
			if diff := cmp.Diff(tt.want, tab.Records); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.problems, problemTexts(tab.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			checkTable(t, tab)
		})
	}
}

// What Distinct finds wrong has its place in the file, however many rows were left out.
func TestDistinctKeepsPositions(t *testing.T) {
	for _, tt := range decodeTests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.header == "" {
				tt.header = header
			}
			whole := mustRead(t, tt.header+tt.rows)
			tab := mustParse(t, tt.header+tt.rows)
			spoilt := map[int]bool{}
			for _, p := range tab.Problems {
				spoilt[p.Line] = true
			}
			sound := tt.header // the file without the rows that have problems
			for _, r := range whole.rows {
				keep := true
				for l := range strings.Count(r.Key(), "\n") + 1 {
					keep = keep && !spoilt[r.Line+l]
				}
				if keep {
					sound += r.Key() + "\n"
				}
			}
			for _, other := range []string{tt.header, sound} {
				gone, came, err := Distinct(mustRead(t, other), whole)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.problems, problemTexts(came.Problems)); diff != "" {
					t.Errorf("problems of what came (-want +got):\n%s", diff)
				}
				if len(gone.Records) > 0 {
					t.Errorf("gone: %v", gone.Records)
				}
				back, _, err := Distinct(whole, mustRead(t, other))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.problems, problemTexts(back.Problems)); diff != "" {
					t.Errorf("problems of what is gone, the other way (-want +got):\n%s", diff)
				}
				if other == sound && len(tt.problems) > 0 && len(came.Records) == whole.Len() && strings.Contains(sound, "ok,") {
					t.Error("Distinct decoded every row, though some are in both")
				}
			}
		})
	}
}

func TestDistinct(t *testing.T) {
	a, b, c, d := line("a", "1", "tcp", ""), line("b", "2", "tcp", ""), line("c", "3", "tcp", ""), line("d", "4", "tcp", "")
	tests := []struct {
		name, old, new string
		gone, came     string // names
	}{
		{"equal", a + b, a + b, "", ""},
		{"empty", "", "", "", ""},
		{"one more", a + c, a + b + c, "", "b"},
		{"one less", a + b + c, a + c, "b", ""},
		{"one edited", a + b + c, a + d + c, "b", "d"},
		{"all gone", a + b, "", "a b", ""},
		{"another order", a + b + c, c + a + b, "", ""},
		{"as often as both hold it", a + a + b, a + b + b, "a", "b"},
		{"another line end", a + b, strings.ReplaceAll(b+a, "\r", ""), "", ""},
		{"no last line end", a + b, strings.TrimSuffix(a+b, "\r\n"), "", ""},
		{"equal records, other bytes", a, strings.Replace(a, "a", " a", 1), "a", "a"},
	}
	for _, tt := range tests {
		gone, came, err := Distinct(mustRead(t, header+tt.old), mustRead(t, header+tt.new))
		if err != nil {
			t.Fatal(err)
		}
		if names(gone.Records) != tt.gone || names(came.Records) != tt.came {
			t.Errorf("%s: gone %q, came %q, want %q, %q", tt.name, names(gone.Records), names(came.Records), tt.gone, tt.came)
		}
	}
}

func TestDistinctHeedsTheHeader(t *testing.T) {
	former := strings.Replace(header, "Unauthorized Use Reported", "Known Unauthorized Uses", 1)
	swapped := strings.Replace(header, "Assignee,Contact", "Contact,Assignee", 1)
	row := "a,1,tcp,,[A],[C],,,,,,\r\n"
	gone, came, err := Distinct(mustRead(t, former+row), mustRead(t, header+row))
	if err != nil || len(gone.Records)+len(came.Records) != 0 {
		t.Errorf("under the column's former name: gone %v, came %v, %v, want none", gone, came, err)
	}
	gone, came, err = Distinct(mustRead(t, swapped+row), mustRead(t, header+row))
	if err != nil || len(gone.Records) != 1 || gone.Records[0].Contact != "[A]" || came.Records[0].Contact != "[C]" {
		t.Errorf("equal text under another header: gone %v, came %v, %v, want both rows", gone, came, err)
	}
}

func TestDistinctDecodesLittle(t *testing.T) {
	old, next := neighbours(2000)
	gone, came, err := Distinct(mustRead(t, old), mustRead(t, next))
	if err != nil {
		t.Fatal(err)
	}
	if len(gone.Records) != 10 || len(came.Records) != 11 {
		t.Errorf("%d records gone and %d come, want 10 and 11", len(gone.Records), len(came.Records))
	}
}
