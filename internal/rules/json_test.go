package rules_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ianasync/ianasync/internal/diff"
	"github.com/ianasync/ianasync/internal/rules"
	"github.com/ianasync/ianasync/registry"
)

const (
	older = `<registry xmlns="http://www.iana.org/assignments" id="g">
<registry id="a"><title>A</title><expert>Ann</expert>
<record><value>1</value><name>one</name><xref type="draft" data="draft-x"/></record>
<record><value>2</value><name>two</name><controller>[Ann_Other]</controller></record>
<record><value>3</value><name>three (TEMPORARY - registered 2018-01-01, expires 2019-01-01)</name></record>
<record><value>4</value><name>four</name></record>
<record><value>5</value><name>five alpha</name></record>
<record><value>6</value><name>six</name></record>
<record><value>7</value><name>seven</name></record>
<record><value>8</value><name>eight (TEMPORARY - registered 2018-01-01, expires 2019-01-01)</name></record>
<record><value>9</value><name>Reserved</name></record>
<record><value>10</value><name>ten</name><note>a</note></record>
<record><value>13-19</value><name>Unassigned</name></record>
<record><value>30-49</value><name>Unassigned</name></record>
</registry>
<registry id="b"><title>B</title><record><value>1</value></record></registry>
<registry id="e"><title>E</title><expert>Ann</expert></registry>
</registry>`
	newer = `<registry xmlns="http://www.iana.org/assignments" id="g">
<registry id="a"><title>A A</title><expert>Ann</expert>
<record><value>1</value><name>one</name><xref type="rfc" data="rfc9999"/></record>
<record><value>2</value><name>two</name><controller>[Bob_Example]</controller></record>
<record><value>3</value><name>three</name></record>
<record><value>4</value><name>four (OBSOLETE)</name></record>
<record><value>5</value><name>five beta</name></record>
<record><value>6</value><name>quite another</name></record>
<record><value>11</value><name>seven</name></record>
<record><value>8</value><name>eight (TEMPORARY - registered 2018-01-01, expires 2020-01-01)</name></record>
<record><value>10</value><name>ten</name><note>b</note></record>
<record><value>12</value><name>Reserved</name></record>
<record><value>13-18</value><name>Unassigned</name></record>
<record><value>19</value><name>nineteen</name></record>
<record><value>20</value><name>Reserved</name></record>
<record><value>30-39</value><name>Unassigned</name></record>
<record><value>40-49</value><name>Unassigned</name></record>
</registry>
<registry id="c"><title>C</title><record><value>1</value></record></registry>
<registry id="e"><title>E</title><expert>Bob</expert></registry>
</registry>`
)

// TestJSON holds the changes of two editions, between which there is one of each kind, against the schema, and reads them
// back.
func TestJSON(t *testing.T) {
	decode := func(data string) *registry.Edition {
		e, err := registry.NewGroup("g").Decode([]byte(data), nil)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	// One record without a partner makes deassigned.
	gone := bytes.Replace([]byte(older), []byte("<record><value>13-19"), []byte("<record><value>12</value><name>twelve</name></record><record><value>13-19"), 1)
	changes := rules.Editions(decode(string(gone)), decode(newer), nil)
	found := diff.Summary(changes)
	for _, k := range diff.Kinds {
		if found[k] == 0 {
			t.Errorf("no change of kind %s", k)
		}
	}
	schema, err := jsonschema.NewCompiler().Compile("../../docs/diff.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	sha := "0000000000000000000000000000000000000000000000000000000000000000"
	d := diff.NewDocument("g", diff.Version{ID: "a", SHA256: sha}, diff.Version{ID: "b", SHA256: sha}, changes)
	text := d.AppendJSON(nil)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	var again struct{ Changes []json.RawMessage }
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	var read []diff.Change
	var decoder diff.Decoder
	for _, text := range again.Changes {
		c, err := decoder.Change(text)
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, c)
	}
	same := cmpopts.IgnoreFields(diff.Change{}, "Title", "Columns")
	records := cmp.Comparer(func(a, b registry.Record) bool { return a == b })
	if d := cmp.Diff(changes, read, same, records, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("(-written +read):\n%s", d)
	}
}
