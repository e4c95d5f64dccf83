package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ianasync/ianasync/internal/audit"
)

// TestAuditSchema holds what audit prints against its schema, and the schema against what it should refuse.
func TestAuditSchema(t *testing.T) {
	s := schema(t, "audit.schema.json")
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"2020-01-01.csv": string(generate()),
		"2020-02-01.csv": string(generate("rename:relay-15:ferry")),
		"2020-03-01.csv": string(generate("rename:relay-15:ferry", "deassign:ferry", "assign:20:late")),
		"2020-03-02.csv": string(generate("rename:relay-15:ferry")),
		"services":       "relay-15 15/tcp\nlate 20/tcp\nrelay-29 29/tcp\nwrong 43/tcp\nmine 44/tcp\n",
		"own":            "mine 44/tcp\n",
		"bad":            "relay-15 15/tcp\nrelay-29 102450/tcp\n",
		"types":          "_relay-15._tcp\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	shell(t, now, "ianasync import files 2020-01-01.csv 2020-02-01.csv 2020-03-01.csv")
	shell(t, now, "ianasync import files 2020-01-01.csv 2020-02-01.csv 2020-03-01.csv 2020-03-02.csv --store back")
	for line, holds := range map[string]string{
		"ianasync audit services --format json":              `"later":`,
		"ianasync audit services --format json --missing":    `"kind":"lacking"`,
		"ianasync audit own --format json --missing":         `"best":{"agree":0}`,
		"ianasync audit services --format json --store back": `"returned":"rolled back"`,
		"ianasync audit bad --format json":                   `{"kind":"unreadable","name":"","port_number":"","transport_protocol":"","line":2,"column":10,"problem":"102450 is over 65535, the highest port number","now":[]}`,
		"ianasync audit types --format json":                 `{"kind":"deassigned","name":"relay-15","port_number":"","transport_protocol":"tcp","line":1,`,
	} {
		got := shell(t, now, line)
		if !strings.Contains(got, holds) {
			t.Errorf("%s: no %s in %.300s", line, holds, got)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(got))
		if err != nil {
			t.Fatalf("%s: %v: %.300s", line, err, got)
		}
		if err := s.Validate(value); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		first := value.(map[string]any)["findings"].([]any)[0].(map[string]any)
		first["kind"] = "lost"
		if s.Validate(value) == nil {
			t.Error("the schema accepts an unknown kind of finding")
		}
		if delete(first, "problem"); first["line"] != nil {
			first["kind"] = "unreadable"
			if s.Validate(value) == nil {
				t.Error("the schema accepts an unreadable line without a problem")
			}
		}
	}
}

// TestAuditForms compares the forms with those that the help, the docs and the schema name.
func TestAuditForms(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", "docs"))
	page, err := os.ReadFile("audit.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("audit.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Properties struct{ Form struct{ Enum []audit.Form } }
	}
	if err := json.Unmarshal(file, &document); err != nil {
		t.Fatal(err)
	}
	help := shell(t, time.Now(), "ianasync audit --help")
	var forms []audit.Form
	for _, f := range audit.Forms {
		forms = append(forms, f.Form)
		if !bytes.Contains(page, fmt.Appendf(nil, "| `%s` |", f.Form)) {
			t.Errorf("audit.md has no row for %s", f.Form)
		}
		if !regexp.MustCompile(`(?m)^  ` + string(f.Form) + ` +` + regexp.QuoteMeta(f.Summary) + `$`).MatchString(help) {
			t.Errorf("the help has no line for %s", f.Form)
		}
	}
	if diff := cmp.Diff(forms, document.Properties.Form.Enum); diff != "" {
		t.Errorf("the schema's forms (-want +got):\n%s", diff)
	}
}

// TestAuditOfExports audits what export writes of an older version: the findings are the same in each form.
func TestAuditOfExports(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, edition := range map[string][]byte{
		"2020-01-01.csv": generate("port:relay-99:99-107"),
		"2020-01-02.csv": generate("port:relay-99:99-107", "rename:relay-15:ferry", "deassign:relay-71"),
	} {
		if err := os.WriteFile(name, edition, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	shell(t, now, "ianasync import files 2020-01-01.csv 2020-01-02.csv")
	want := []string{"deassigned relay-71 71/tcp", "deassigned relay-71 71/udp", "renamed relay-15 15/tcp", "renamed relay-15 15/udp"}
	for format, form := range map[string]audit.Form{
		"csv": audit.CSV, "json": audit.JSON, "jsonl": audit.JSONLines, "services": audit.Services,
		"protocols-map": audit.JSON, "nmap": audit.Nmap, "wireshark": audit.Wireshark, "go": audit.Go,
	} {
		shell(t, now, "ianasync export --at 2020-01-01 --format "+format+" -o services")
		var got struct {
			Form     audit.Form
			Agree    int
			Findings []struct {
				Kind      audit.Kind
				Name      string
				Port      string `json:"port_number"`
				Transport string `json:"transport_protocol"`
				Line      int
			}
		}
		if err := json.Unmarshal([]byte(shell(t, now, "ianasync audit services --format json")), &got); err != nil {
			t.Fatal(err)
		}
		var findings []string
		for _, f := range got.Findings {
			findings = append(findings, fmt.Sprintf("%s %s %s/%s", f.Kind, f.Name, f.Port, f.Transport))
		}
		if diff := cmp.Diff(want, findings); diff != "" || got.Form != form || got.Agree < 7_000 {
			t.Errorf("%s: %d entries of the form %s agree (-want +got):\n%s", format, got.Agree, got.Form, diff)
		}
	}
}

// TestAuditLocal listens on a port that the registry has another service on, and on one that it has none on.
func TestAuditLocal(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("without rights, only Linux lists sockets")
	}
	table := generate()
	taken, port := listenWithout(t, table)
	defer taken.Close()
	t.Chdir(t.TempDir())
	edition := append(table, fmt.Sprintf("harbour,%d,tcp,A harbour,,,,,,,,\r\n", port)...)
	if err := os.WriteFile("2020-01-01.csv", edition, 0o666); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	shell(t, now, "ianasync import files 2020-01-01.csv")
	if got, want := shell(t, now, "ianasync audit --local"), fmt.Sprintf("%d/tcp on 127.0.0.1: ianasync.test (process %d); the registry has harbour there\n", port, os.Getpid()); !strings.Contains(got, want) {
		t.Errorf("%s\nis to have\n%s", got, want)
	}
	if got := shell(t, now, "ianasync audit --local --format json"); !strings.Contains(got, `"registered":["harbour"]`) {
		t.Error(got)
	}
	taken.Close()
	if got := shell(t, now, "ianasync audit --local"); strings.Contains(got, "harbour") {
		t.Errorf("what is closed is told: %s", got)
	}
}

// listenWithout listens on a port on which a table has nothing.
func listenWithout(t *testing.T, table []byte) (net.Listener, int) {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		if !bytes.Contains(table, fmt.Appendf(nil, ",%d,", port)) {
			return l, port
		}
		defer l.Close() // not before, or the system may give the same port again
	}
}

// TestAuditOfDebian audits what Debian's packages have against the real editions: files that know most of the
// registry, and agree with most of it.
func TestAuditOfDebian(t *testing.T) {
	store := corpusFolder(t)
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "audit.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "$ ianasync audit /usr/share/nmap/nmap-services\n")
	example, _, found := strings.Cut(example, "\n```")
	if !found {
		t.Fatal("docs/audit.md shows no audit of nmap-services")
	}
	t.Chdir(t.TempDir())
	now := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	files := map[string]int{"/etc/services": 150, "/usr/share/nmap/nmap-services": 10_000, "/usr/share/wireshark/services": 10_000}
	// Wireshark 4.2 and later have the list in the program.
	if list, err := exec.CommandContext(t.Context(), "tshark", "-G", "services").Output(); err != nil {
		t.Logf("not audited: 'tshark -G services' (Debian's package tshark, 4.2 or later): %v", err)
	} else if err := os.WriteFile("tshark.tsv", list, 0o666); err != nil {
		t.Fatal(err)
	} else {
		files["tshark.tsv"] = 10_000
	}
	for name, least := range files {
		if _, err := os.Stat(name); err != nil {
			t.Logf("not audited (Debian's packages netbase, nmap-common, libwireshark-data before 4.2): %v", err)
			continue
		}
		got := shell(t, now, "ianasync audit "+name+" --store "+store)
		m := regexp.MustCompile(`(?m)^([0-9]+) agree with version 20231206T155601Z of the registry; it corresponds best to`).FindStringSubmatch(got)
		if m == nil {
			t.Errorf("%s: %.300s", name, got)
		} else if n, _ := strconv.Atoi(m[1]); n < least {
			t.Errorf("%s: %d entries agree, want at least %d", name, n, least)
		}
		if strings.HasPrefix(got, "/usr/share/nmap/nmap-services: 27440 entries ") { // of nmap 7.93, as the page shows it
			for line := range strings.SplitSeq(example, "\n") {
				if !strings.Contains(line, "…") && !strings.Contains(got, line+"\n") {
					t.Errorf("docs/audit.md shows %q, which is not in the output", line)
				}
			}
		}
	}
}
