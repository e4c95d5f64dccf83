package dataset_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/publish/dataset"
	"github.com/ianasync/ianasync/registry/ports"
)

const someFrequencies = "# x\nwww 443/tcp 0.2 # a\nwww 443/tcp 0.9\nx 80/tcp 0.484143\ny 99/udp 1/3\nz 98/tcp 0.1\nq 97/quic 0.5\nnought 96/tcp 0.000\nnone 95/tcp\n"

func frequencies(t *testing.T, text string) dataset.Frequencies {
	t.Helper()
	f, err := dataset.ParseFrequencies([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFrequencies(t *testing.T) {
	s := source(rec("http", "80", "tcp", "Web"), rec("https", "443", "tcp", ""), rec("ssh", "22", "tcp", ""))
	for _, test := range []struct {
		options dataset.Options
		want    string
	}{
		{dataset.Options{}, "ssh\t22/tcp\t0.000000\nhttp\t80/tcp\t0.484143\t# Web\nhttps\t443/tcp\t0.2\nunknown\t98/tcp\t0.1\nunknown\t99/udp\t1/3\n"},
		{dataset.Options{Ports: []ports.Ports{ports.PortRange(99, 500)}}, "https\t443/tcp\t0.2\nunknown\t99/udp\t1/3\n"},
		{dataset.Options{Names: []string{"http"}}, "http\t80/tcp\t0.484143\t# Web\n"},
	} {
		test.options.Frequencies = frequencies(t, someFrequencies)
		got, _ := write(t, "nmap", s, test.options)
		if diff := cmp.Diff(test.want, body(got)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.options, diff)
		}
	}
}

func TestParseFrequenciesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"http 80/tcp\n":       "no line has a third column with a frequency",
		"http 80 0.1\n":       `line 1: "80" is no port/protocol`,
		"\nhttp 80/tcp www\n": `line 2: "www" is no frequency`,
		"http 80/tcp 1/0\n":   `line 1: "1/0" is no frequency`,
	} {
		if _, err := dataset.ParseFrequencies([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestNmapScansTheMostFrequentPorts reads from nmap's own output which ports it takes for the most frequent.
func TestNmapScansTheMostFrequentPorts(t *testing.T) {
	need(t, "nmap")
	s := source(rec("http", "80", "tcp", ""), rec("https", "443", "tcp", ""), rec("ssh", "22", "tcp", ""), rec("tcpmux", "1", "tcp", ""))
	text, _ := write(t, "nmap", s, dataset.Options{Frequencies: frequencies(t, someFrequencies)})
	out := output(t, exec.Command("nmap", "--datadir", filepath.Dir(file(t, "nmap-services", text)), "--top-ports", "3", "-n", "-Pn", "-sT", "-v", "-oG", "-", "127.0.0.1"))
	if want := "TCP(3;80,98,443)"; !strings.Contains(out, want) {
		t.Errorf("nmap scans other ports than %s:\n%s", want, out)
	}
}
