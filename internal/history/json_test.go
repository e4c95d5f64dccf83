package history

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ianasync/ianasync/internal/portrules"
	"github.com/ianasync/ianasync/registry"
	"github.com/ianasync/ianasync/snapshots"
)

// TestReturnIsALine holds that a return to an older version names its group, and has the keys of ports in that of the service
// names alone.
func TestReturnIsALine(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/diff.schema.json#/$defs/logged")
	if err != nil {
		t.Fatal(err)
	}
	e := Event{Version: snapshots.Version{ID: "20200103T000000Z"}, Previous: "20200101T000000Z", Returned: RolledBack}
	for group, want := range map[snapshots.Group]string{
		registry.NewGroup("tls-parameters"): `{"version":"20200103T000000Z","previous":"20200101T000000Z","registry":"tls-parameters","kind":"rolled back",` +
			`"key":{},"name":"","fields":[],"removed":[],"added":[]}` + "\n",
		portrules.ServiceNames(): `{"version":"20200103T000000Z","previous":"20200101T000000Z","registry":"service-names-port-numbers","kind":"rolled back",` +
			`"key":{},"name":"","service":"","ports":"","transports":[],"fields":[],"removed":[],"added":[]}` + "\n",
	} {
		got, id := e.Lines(group), group.GroupID()
		if d := cmp.Diff(want, string(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", id, d)
		}
		line, err := jsonschema.UnmarshalJSON(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(line); err != nil {
			t.Errorf("%s: %v", id, err)
		}
		swapped := map[string]string{"tls-parameters": "service-names-port-numbers", "service-names-port-numbers": "tls-parameters"}
		line.(map[string]any)["registry"] = swapped[id]
		if schema.Validate(line) == nil {
			t.Errorf("%s: its line is taken as one of %s", id, swapped[id])
		}
	}
}
