package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"
)

// schemaBase is the address below which the schemas name each other.
const schemaBase = "https://github.com/ianasync/ianasync/raw/main/docs/"

// schema compiles one of the schemas in docs, or a part of one.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	s, err := compileSchema(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func compileSchema(name string) (*jsonschema.Schema, error) {
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.schema.json"))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := c.AddResource(schemaBase+filepath.Base(file), doc); err != nil {
			return nil, err
		}
	}
	return c.Compile(schemaBase + name)
}

// validate holds all JSON documents of a text against a schema, and the schema against each of them with a key too many and with
// one alone. It returns how many there are.
func validate(s *jsonschema.Schema, text string) (documents int, err error) {
	all := json.NewDecoder(strings.NewReader(text))
	all.UseNumber()
	for all.More() {
		var value map[string]any
		if err := all.Decode(&value); err != nil {
			return documents, err
		}
		documents++
		if err := s.Validate(value); err != nil {
			return documents, err
		}
		value["surplus"] = "x"
		if s.Validate(value) == nil {
			return documents, errors.New("the schema accepts an unknown key")
		}
		if s.Validate(map[string]any{}) == nil {
			return documents, errors.New("the schema requires no key")
		}
	}
	return documents, nil
}

// schemaOf returns the name of the schema of what a command prints with --format json.
func schemaOf(cmd *cobra.Command) string {
	switch parent := cmd.Parent().Name(); {
	case parent == "import":
		return "import.schema.json"
	case cmd.Name() == "export":
		return "table.schema.json"
	}
	return cmd.Name() + ".schema.json"
}

// TestEveryJSONHasASchema holds that each command with --format json has a schema and a section in docs/json.md that links it.
func TestEveryJSONHasASchema(t *testing.T) {
	page := read("../../docs/json.md")
	found := 0
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
		flag := cmd.Flags().Lookup("format")
		if flag == nil || !strings.Contains(flag.Usage, "json") {
			return
		}
		found++
		name := schemaOf(cmd)
		if _, err := os.Stat(filepath.Join("..", "..", "docs", name)); err != nil {
			t.Errorf("%s has --format json: %v", cmd.CommandPath(), err)
		}
		if !strings.Contains(page, "]("+name+")") {
			t.Errorf("docs/json.md does not link %s, the schema of %s", name, cmd.CommandPath())
		}
	}
	visit(newRoot(processWorld()))
	if found < 16 {
		t.Errorf("%d commands have --format json, want at least 16", found)
	}
}

// shownJSON is a command line whose output a schema describes, and what the output has for the case to be the one that is meant.
type shownJSON struct{ line, schema, holds string }

// TestSchemas holds what the commands print with --format json against their schemas.
func TestSchemas(t *testing.T) {
	schemas := make(map[string]*jsonschema.Schema)
	for _, name := range []string{
		"audit-local", "blame", "diff", "import", "log", "lookup", "registries", "search", "status", "sync", "table", "verify", "version", "versions",
	} {
		schemas[name] = schema(t, name+".schema.json")
	}
	schemas["logged"], schemas["record"] = schema(t, "diff.schema.json#/$defs/logged"), schema(t, "table.schema.json#/$defs/registryLine")
	schemas["hit"] = schema(t, "search.schema.json#/$defs/hit")
	repo := mirror(t)
	archive, err := txtar.ParseFile("testdata/tls.txtar")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"2020-01-01.csv": string(generate()),
		"2020-02-01.csv": string(generate("rename:relay-15:ferry")),
		"2020-03-01.csv": string(generate("rename:relay-15:ferry", "deassign:ferry", "assign:20:late")),
		"2020-03-02.csv": string(generate("rename:relay-15:ferry")),
		"2020-03-03.csv": string(generate("rename:relay-15:ferry", "assign:20:late")),
		"page.html":      "<html>down for maintenance</html>",
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range archive.Files { // the newest of each group stays
		_, name, _ := strings.Cut(f.Name, "/")
		name = filepath.Join("served", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	iana := httptest.NewServer(http.FileServer(http.Dir("served")))
	defer iana.Close()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	port := socket.Addr().(*net.TCPAddr).Port

	now := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	check := func(s shownJSON) {
		t.Helper()
		var out, talk bytes.Buffer
		run(t.Context(), words(s.line)[1:], &world{
			stdin: strings.NewReader(""), stdout: &out, stderr: &talk, getenv: emptyStart, now: func() time.Time { return now },
			sleep: func(context.Context, time.Duration) error { return nil },
		})
		if !strings.Contains(out.String(), s.holds) {
			t.Errorf("%s: no %s in %.500s%s", s.line, s.holds, &out, &talk)
		}
		if n, err := validate(schemas[s.schema], out.String()); err != nil || n == 0 {
			t.Errorf("%s: document %d: %v", s.line, n, err)
		}
	}
	for _, s := range []shownJSON{
		{"ianasync version --format json", "version", `"built_in_history":`},
		{"ianasync import files 2020-01-01.csv 2020-02-01.csv 2020-03-01.csv 2020-03-02.csv --format json", "import", `"added":4`},
		{"ianasync status --format json", "status", `"state":"never"`},
		{"ianasync versions --format json", "versions", `"versions":[{"id":"20200101T000000Z"`},
		{"ianasync versions --where service=ferry --format json", "versions", `"periods":[{"service":"ferry"`},
		{"ianasync log --format json", "log", `"returned":"rolled back"`},
		{"ianasync log relay-15 --format json", "log", `"kind":"renamed"`},
		{"ianasync log --format jsonl", "logged", `"kind":"rolled back"`},
		{"ianasync diff 2020-01 2020-02 --format json", "diff", `"kind":"renamed"`},
		{"ianasync blame 15 --format json", "blame", `"kind":"renamed"`},
		{"ianasync lookup 15 --format json", "lookup", `"port":{"port":15,`},
		{"ianasync lookup ferry 15/tcp 10-20 50000 --format json", "lookup", `"within":{"ports":"10-20"`},
		{fmt.Sprintf("ianasync lookup %d --local --format json", port), "lookup", fmt.Sprintf(`"local":[{"port":%d,`, port)},
		{"ianasync lookup 15 --at 2020-01-01.csv --format json", "lookup", `"version":"2020-01-01.csv"`},
		{"ianasync audit --local --format json", "audit-local", `"findings":`},
		{"ianasync verify --format json", "verify", `"whole":true`},
		{"ianasync sync --source 2020-03-03.csv --format json", "sync", `"outcome":"changed"`},
		{"ianasync sync --source 2020-03-03.csv --format json", "sync", `"outcome":"unchanged"`},
		{"ianasync status --format json", "status", `"state":"current"`},
		{"ianasync sync --source page.html --format json", "sync", `"reason":`},
		{"ianasync status --format json", "status", `"refused":{`},
		{"ianasync sync --source http://127.0.0.1:1/ --tries 1 --format json", "sync", `"outcome":"unreachable"`},
		{"ianasync status --stale-after 1h --format json", "status", `"state":"unreachable"`},
		{"ianasync import git " + repo + " --format json", "import", `"groups":[{"group":"http-status-codes"`},
		{"ianasync import git " + repo + " -r tls-parameters --store one --format json", "import", `"groups":[{"group":"tls-parameters"`},
		{"ianasync status --format json", "status", `"groups":[{"group":"http-status-codes"`},
		{"ianasync registries --format json", "registries", `"id":"tls-parameters/tls-signaturescheme"`},
		{"ianasync search ecdsa --format json", "search", `"registry":"tls-parameters/tls-signaturescheme"`},
		{"ianasync search ecsda --format json", "search", `"typos":true`},
		{"ianasync search ecdsa --format jsonl", "hit", `"name":"ecdsa_sha1"`},
		{"ianasync status -r tls-parameters --format json", "status", `"versions":7`},
		{"ianasync versions -r tls-parameters --format json", "versions", `"id":"20210930T090509Z"`},
		{"ianasync log -r tls-parameters --format json", "log", `"kind":"introduced"`},
		{"ianasync log -r tls-parameters ecdsa_sha1 --format json", "log", `"kind":"deprecated"`},
		{"ianasync log -r tls-extensiontype-values --format jsonl", "logged", `"kind":"moved"`},
		{"ianasync diff -r tls-parameters 2018-02 2018-06 --format json", "diff", `"kind":"described"`},
		{"ianasync blame -r tls-parameters ecdsa_sha1 --format json", "blame", `"kind":"deprecated","was":"Y"`},
		{"ianasync lookup -r tls-parameters ecdsa_sha1 0x13,0x01 --format json", "lookup", `"query":"0x13,0x01"`},
		{"ianasync lookup 425 --at served/http-status-codes/http-status-codes.xml --format json", "lookup", `"registry":"http-status-codes/http-status-codes-1"`},
		{"ianasync export -r tls-parameters --format json", "table", `"registries":[`},
		{"ianasync export -r tls-parameters/tls-signaturescheme --format json", "table", `"columns":[`},
		{"ianasync export -r tls-parameters --format jsonl", "record", `"registry":"tls-parameters/tls-signaturescheme"`},
		{"ianasync sync -r tls-parameters --source served/http-status-codes/http-status-codes.xml --format json", "sync", `"outcome":"refused"`},
		{"ianasync sync -r tls-parameters,http-status-codes,tls-extensiontype-values --source " + iana.URL + " --tries 1 --format json", "sync", `"unchanged":`},
		{"ianasync sync -r tls-parameters,dns-parameters --store one --source " + iana.URL + " --tries 1 --format json", "sync", `"group":"dns-parameters"`},
		{"ianasync verify --format json", "verify", `"whole":true`},
	} {
		check(s)
	}
	if err := os.Remove(filepath.Join("data", "tls-parameters", "tls-signaturescheme.csv")); err != nil {
		t.Fatal(err)
	}
	check(shownJSON{"ianasync verify --format json", "verify", `"whole":false`})
}
