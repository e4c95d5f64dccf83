package ports

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestParsePorts(t *testing.T) {
	tests := []struct {
		text        string
		first, last uint16
		ok          bool
		wrong       string // in the error
	}{
		{text: ""},
		{text: "0", ok: true},
		{text: "80", first: 80, last: 80, ok: true},
		{text: "65535", first: 65535, last: 65535, ok: true},
		{text: "6000-6063", first: 6000, last: 6063, ok: true},
		{text: "4748-4748", first: 4748, last: 4748, ok: true},
		{text: "0-65535", last: 65535, ok: true},
		{text: "080", first: 80, last: 80, ok: true},
		{text: "65536", wrong: "over 65535"},
		{text: "70000", wrong: "over 65535"},
		{text: "99999999999999999999", wrong: "over 65535"},
		{text: "1-70000", wrong: "over 65535"},
		{text: "5-3", wrong: "ends before it begins"},
		{text: "x", wrong: `"x" is not a port number`},
		{text: "1x1", wrong: `"1x1" is not a port number`},
		{text: "-", wrong: `"" is not a port number`},
		{text: "-1", wrong: `"" is not a port number`},
		{text: "1-", wrong: `"" is not a port number`},
		{text: "1-2-3", wrong: `"2-3" is not a port number`},
		{text: "+80", wrong: "not a port number"},
		{text: "1_0", wrong: "not a port number"},
		{text: "0x50", wrong: "not a port number"},
		{text: " 80", wrong: "not a port number"},
		{text: "80 - 90", wrong: "not a port number"},
		{text: "80–90", wrong: "not a port number"}, // an en dash
		{text: "٨٠", wrong: "not a port number"},
	}
	for _, tt := range tests {
		p, err := ParsePorts(tt.text)
		first, last, ok := p.Bounds()
		if first != tt.first || last != tt.last || ok != tt.ok {
			t.Errorf("ParsePorts(%q) is %d to %d, %v, want %d to %d, %v", tt.text, first, last, ok, tt.first, tt.last, tt.ok)
		}
		if p.String() != tt.text {
			t.Errorf("ParsePorts(%q).String() = %q", tt.text, p)
		}
		if (err != nil) != (tt.wrong != "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("ParsePorts(%q): error %v, want %q", tt.text, err, tt.wrong)
		}
	}
}

func TestPortsEqualAndOverlap(t *testing.T) {
	parse := func(s string) Ports { p, _ := ParsePorts(s); return p }
	tests := []struct {
		a, b            string
		equal, overlaps bool
	}{
		{"", "", true, false},
		{"0", "", false, false},
		{"0", "0", true, true},
		{"4748", "4748-4748", false, true},
		{"7775", "7748-7776", false, true},
		{"7748-7776", "7776-7780", false, true},
		{"7748-7776", "7777", false, false},
		{"x", "x", true, false},
		{"x", "0", false, false},
	}
	for _, tt := range tests {
		for _, ab := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			a, b := parse(ab[0]), parse(ab[1])
			if a.Equal(b) != tt.equal || (a == b) != tt.equal {
				t.Errorf("%q equal to %q: %v, want %v", a, b, a.Equal(b), tt.equal)
			}
			if a.Overlaps(b) != tt.overlaps {
				t.Errorf("%q overlaps %q: %v, want %v", a, b, a.Overlaps(b), tt.overlaps)
			}
		}
	}
	if (Ports{}).Contains(0) || !parse("0").Contains(0) || parse("x").Contains(0) {
		t.Error("no port is not port 0")
	}
	for port, want := range map[uint16]bool{5999: false, 6000: true, 6030: true, 6063: true, 6064: false} {
		if parse("6000-6063").Contains(port) != want {
			t.Errorf("6000-6063 contains %d: want %v", port, want)
		}
	}
}

func TestPortRange(t *testing.T) {
	for want, p := range map[string]Ports{"0": PortRange(0, 0), "80": PortRange(80, 80), "1-2": PortRange(1, 2), "0-65535": PortRange(0, 65535)} {
		if parsed, err := ParsePorts(want); err != nil || p != parsed {
			t.Errorf("PortRange gives %#v, ParsePorts(%q) %#v, %v", p, want, parsed, err)
		}
	}
}

func TestRange(t *testing.T) {
	counts := map[Range]int{}
	for port := 0; port <= 65535; port++ {
		r := RangeOf(uint16(port))
		counts[r]++
		if first, last := r.Bounds(); uint16(port) < first || uint16(port) > last {
			t.Fatalf("port %d is %s, which is %d to %d", port, r, first, last)
		}
	}
	if counts[System] != 1024 || counts[User] != 48128 || counts[Dynamic] != 16384 {
		t.Errorf("ports in the ranges: %v", counts)
	}
	if RangeOf(LastAssignable) != User || RangeOf(LastAssignable+1) != Dynamic {
		t.Error("LastAssignable is not the last of the User ports")
	}
}

func TestTransportKnown(t *testing.T) {
	for _, known := range Transports() {
		if !known.Known() {
			t.Errorf("%s is not known", known)
		}
	}
	for _, unknown := range []Transport{"", "TCP", "xtp", "tcp "} {
		if unknown.Known() {
			t.Errorf("%q is known", unknown)
		}
	}
}

var portsSyntax = regexp.MustCompile(`^([0-9]+)(?:-([0-9]+))?$`)

func FuzzParsePorts(f *testing.F) {
	for _, s := range []string{"", "0", "80", "6000-6063", "4748-4748", "65535-65536", "5-3", "x", "00080", "1--2", "１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePorts(s)
		if p.String() != s {
			t.Errorf("String() = %q, want %q", p, s)
		}
		first, last, ok := p.Bounds()
		if ok && err != nil || !ok && err == nil && s != "" {
			t.Errorf("ok %v with error %v", ok, err)
		}
		want := false
		if m := portsSyntax.FindStringSubmatch(s); m != nil {
			if m[2] == "" {
				m[2] = m[1]
			}
			from, fromErr := strconv.ParseUint(m[1], 10, 64)
			to, toErr := strconv.ParseUint(m[2], 10, 64)
			want = fromErr == nil && toErr == nil && from <= to && to <= 65535
			if want && (uint64(first) != from || uint64(last) != to) {
				t.Errorf("%q is %d to %d", s, first, last)
			}
		}
		if ok != want {
			t.Errorf("%q: ok %v, want %v", s, ok, want)
		}
		if again := PortRange(first, last); ok && !again.Overlaps(p) {
			t.Errorf("PortRange(%d, %d) does not overlap %q", first, last, s)
		}
	})
}
