package portrules

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/registry/ports"
)

const schemaFile = "../../docs/diff.schema.json"

// schema compiles what a fragment of the schema points to; all of it where empty.
func schema(t testing.TB, fragment string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schemaFile + fragment)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t testing.TB, text []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// everyKind are two tables between which there is a change of each kind.
func everyKind() (old, new *ports.Table) {
	old = table(
		both("gone", "1", ""), rec("reused", "2", "tcp", "x"), rec("renamed", "3", "tcp", "y"),
		rec("sold", "4", "tcp", "", assignee("[A]")), rec("moved", "5", "tcp", ""), rec("left", "6", "udp", ""),
		reserved("8", ""), unassigned("20-29"), rec("plain", "10", "tcp", ""), rec("nowhere", "", "", ""),
		rec("odd", "x", "quic", ""), unassigned("30-39"), rec("draft", "11", "tcp", "", reference("[draft-a]")), rec("typo", "12", "tcp", "Xyartex"),
	)
	new = table(
		reserved("1", "tcp"), reserved("1", "udp"), rec("reuser", "2", "tcp", "z"), rec("renamer", "3", "tcp", "y"),
		rec("sold", "4", "tcp", "", assignee("[B]"), modified("2020-01-02")), rec("moved", "55", "tcp", ""), rec("moved", "56", "tcp", ""), rec("left", "", "udp", ""),
		reserved("9", ""), unassigned("20-24"), rec("new", "25", "sctp", ""), unassigned("26-29"), rec("plain", "10", "tcp", `<"&>`),
		rec("odd", "x", "quic", "", notes("n")), rec("draft", "11", "tcp", "", reference("[RFC1]")), rec("typo", "12", "tcp", "Xyratex"),
		rec("nowhere", "13", "", ""), unassigned("30-34"), unassigned("35-39"),
	)
	return old, new
}

func document(old, new *ports.Table) diff.Document {
	side := func(tab *ports.Table) diff.Version {
		return diff.Version{ID: "20180327T225601Z", SHA256: tab.Digest(), Records: len(tab.Records)}
	}
	return diff.NewDocument(ports.ServiceNames().ID, side(old), side(new), Compare(old.Records, new.Records))
}

// ofOthers are the kinds of change that the service names registry does not have.
var ofOthers = []diff.Kind{diff.Deprecated, diff.Permanent, diff.Extended, diff.Introduced, diff.Withdrawn, diff.Described}

func TestSchemaTakesWhatIsWritten(t *testing.T) {
	old, new := everyKind()
	d := document(old, new)
	for _, k := range diff.Kinds {
		if !slices.Contains(ofOthers, k) && d.Summary[k] == 0 {
			t.Errorf("the example has no change of kind %s", k)
		}
	}
	s := schema(t, "")
	for name, d := range map[string]diff.Document{"every kind": d, "the other way": document(new, old), "empty": document(old, old), "from nothing": document(table(), new)} {
		if err := s.Validate(decode(t, marshal(t, d))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	change, logged := schema(t, "#/$defs/change"), schema(t, "#/$defs/logged")
	for _, c := range d.Changes {
		v := decode(t, marshal(t, c)).(map[string]any)
		if err := change.Validate(v); err != nil {
			t.Errorf("alone: %v", err)
		}
		if logged.Validate(v) == nil {
			t.Error("a line of a log needs no version")
		}
		v["version"], v["previous"] = "20180328T225601Z", "20180327T225601Z"
		if err := logged.Validate(v); err != nil {
			t.Errorf("in a log: %v", err)
		}
		if change.Validate(v) == nil {
			t.Error("a change may have a version")
		}
	}
}

func TestSchemaKnowsKindsAndColumns(t *testing.T) {
	var s struct {
		ID   string `json:"$id"`
		Defs struct {
			Kind   struct{ Enum []diff.Kind }
			Record struct {
				Required   []string
				Properties map[string]any
			}
			Field struct {
				Properties struct{ Field struct{ Enum []string } }
			}
		} `json:"$defs"`
	}
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(diff.Kinds[:], s.Defs.Kind.Enum); d != "" {
		t.Errorf("kinds (-want +got):\n%s", d)
	}
	var keys []string
	for _, c := range ports.Columns() {
		keys = append(keys, c.Key)
	}
	for name, got := range map[string][]string{"required": s.Defs.Record.Required, "fields": s.Defs.Field.Properties.Field.Enum} {
		if d := cmp.Diff(keys, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	for _, k := range keys {
		if s.Defs.Record.Properties[k] == nil {
			t.Errorf("no property %s", k)
		}
	}
	if !strings.HasPrefix(s.ID, "https://github.com/ianasync/ianasync/") {
		t.Errorf("$id is %q", s.ID)
	}
}

func TestSchemaRefusesWhatIsBroken(t *testing.T) {
	old, new := everyKind()
	good := string(marshal(t, document(old, new)))
	s := schema(t, "")
	first := func(kind string) string {
		return `{"registry":"service-names-port-numbers/service-names-port-numbers","kind":"` + kind + `"`
	}
	for name, edit := range map[string][2]string{
		"an unknown kind":            {first("deassigned"), first("removed")},
		"an unknown kind counted":    {`"summary":{`, `"summary":{"gone":1,`},
		"a count of none":            {`"deassigned":2`, `"deassigned":0`},
		"no registry":                {`"registry":"service-names-port-numbers",`, ``},
		"a digest in capitals":       {`"sha256":"`, `"sha256":"A`},
		"a key too many":             {`"registry":`, `"author":"x","registry":`},
		"a key too many in a change": {first("deassigned"), first("deassigned") + `,"person":"x"`},
		"a key too many in a record": {`"service_name":"gone"`, `"service_name":"gone","owner":"x"`},
		"a key too few in a record":  {`"service_name":"gone",`, ``},
		"a key too few in the key":   {`"key":{"service_name":"gone",`, `"key":{`},
		"a key too many in the key":  {`"key":{`, `"key":{"transport_protocol":"tcp",`},
		"no name":                    {`"name":"gone",`, ``},
		"a port as a number":         {`"ports":"1"`, `"ports":1`},
		"null for no changes":        {`"changes":[`, `"changes":null,"x":[`},
		"now without a move":         {first("deassigned"), first("deassigned") + `,"now":["1"]`},
		"a move without now":         {`"now":["55","56"],`, ``},
		"now that is empty":          {`"now":[""],`, `"now":[],`},
		"now that is text":           {`"now":[""],`, `"now":"",`},
		"minor that is false":        {`"minor":true`, `"minor":false`},
		"a minor assignment":         {first("assigned"), first("assigned") + `,"minor":true`},
		"renamed from nothing":       {`"was":"renamed",`, ``},
		"an update that was":         {first("updated"), first("updated") + `,"was":"x"`},
		"a transport twice":          {`"transports":["tcp","udp"]`, `"transports":["tcp","tcp"]`},
		"an unknown column":          {`"field":"assignee"`, `"field":"owner"`},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if bad == good {
			t.Errorf("%s: %q is not in the document", name, edit[0])
		} else if s.Validate(decode(t, []byte(bad))) == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestDocumentIsWrittenByTheContract(t *testing.T) {
	old, new := table(rec("nvm-express", "4420", "tcp", "NVM <Express>")), table(rec("nvme", "4420", "tcp", "NVM <Express>"))
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	from, to := diff.Version{ID: "a.csv", SHA256: "00", Records: 1}, diff.Version{ID: "b.csv", SHA256: "11", Records: 1}
	if err := enc.Encode(diff.NewDocument(ports.ServiceNames().ID, from, to, Compare(old.Records, new.Records))); err != nil {
		t.Fatal(err)
	}
	record := func(name string) string {
		return `{"service_name":"` + name + `","port_number":"4420","transport_protocol":"tcp","description":"NVM <Express>",` +
			`"assignee":"","contact":"","registration_date":"","modification_date":"","reference":"","service_code":"",` +
			`"unauthorized_use_reported":"","assignment_notes":""}`
	}
	want := `{"registry":"service-names-port-numbers","from":{"id":"a.csv","sha256":"00","records":1},"to":{"id":"b.csv","sha256":"11","records":1},` +
		`"summary":{"renamed":1},"changes":[{"registry":"service-names-port-numbers/service-names-port-numbers",` +
		`"kind":"renamed","key":{"service_name":"nvme","port_number":"4420"},"name":"nvme","service":"nvme","was":"nvm-express","ports":"4420","transports":["tcp"],` +
		`"fields":[{"field":"service_name","old":"nvm-express","new":"nvme"}],` +
		`"removed":[` + record("nvm-express") + `],"added":[` + record("nvme") + `]}]}` + "\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("the document (-want +got):\n%s", d)
	}
	b.Reset()
	if err := enc.Encode(diff.NewDocument(ports.ServiceNames().ID, from, to, nil)); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.HasSuffix(got, `"summary":{},"changes":[]}`+"\n") {
		t.Errorf("no changes are written as %s", got)
	}
}

func decodeChange(text []byte) (diff.Change, error) {
	d := diff.Decoder{Extend: ServiceNames().Extend}
	return d.Change(text)
}

func TestChangeRoundTrips(t *testing.T) {
	old, new := everyKind()
	for _, c := range slices.Concat(Compare(old.Records, new.Records), Compare(new.Records, old.Records)) {
		back, err := decodeChange(marshal(t, c))
		if err != nil {
			t.Errorf("%s: %v", line(&c), err)
		}
		if d := cmp.Diff(c, back, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s reads back otherwise (-want +got):\n%s", line(&c), d)
		}
	}
}

func TestDecoderRefuses(t *testing.T) {
	for _, text := range []string{
		`null`, `{}`, `[]`, `{"kind":"updated"}`, `{"kind":"updated","registry":"a/b"}`,
		`{"registry":"a/b","kind":"updated","added":[{"value":"1"},{"value":"1","colour":"red"}]}`,
	} {
		if _, err := decodeChange([]byte(text)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
	for _, members := range []string{
		`"kind":"removed"`, `"kind":"moved"`, `"kind":"moved","now":[]`, `"kind":"updated","now":[""]`, `"kind":"deassigned","now":["7"]`,
		`"kind":"assigned","minor":true`, `"kind":"updated","ports":7`, `"kind":"updated","added":[7]`,
		`"kind":"updated","added":[{"service_name":"a","colour":"red"}]`, `"kind":"updated","added":[{"port_number":"1"}],"removed":[{"":"red"}]`,
	} {
		if _, err := decodeChange([]byte(`{"registry":"` + Registry + `",` + members + `}`)); err == nil {
			t.Errorf("%s is taken", members)
		}
	}
}

func FuzzDecodeChange(f *testing.F) {
	old, new := everyKind()
	for _, c := range slices.Concat(Compare(old.Records, new.Records), Compare(new.Records, old.Records)) {
		f.Add(marshal(f, c))
	}
	f.Add([]byte(`{"registry":"` + Registry + `","kind":"moved","now":["","x","1-1"],"transports":["tcp",""],"removed":[{}],"added":[null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decodeChange(data)
		if err != nil {
			return
		}
		text := marshal(t, c)
		back, err := decodeChange(text)
		if err != nil {
			t.Fatalf("took %s, not its own %s: %v", data, text, err)
		}
		if d := cmp.Diff(c, back, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s reads back otherwise (-want +got):\n%s", text, d)
		}
	})
}
