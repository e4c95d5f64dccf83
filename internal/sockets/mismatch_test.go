package sockets

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/registry/ports/portstest"
)

// TestMismatches has various processes listen on a registered port: those whose names fit the service match it.
func TestMismatches(t *testing.T) {
	registered := portstest.Table(portstest.Rows("ssh 22/tcp Secure_Shell; postgresql 5432/tcp; - 23/tcp"))
	for _, test := range []struct {
		process  string
		port     uint16
		mismatch bool
	}{
		{"sshd", 22, false},
		{"SSH", 22, false},
		{"secure_shell", 22, false},
		{"postgres", 5432, false},
		{"nginx", 22, true},
		{"", 22, true},
		{"nginx", 23, false},
		{"nginx", 24, false},
	} {
		socket := Socket{Port: test.port, Transport: ports.TCP, Process: test.process}
		want := []Mismatch{}
		if test.mismatch {
			want = append(want, Mismatch{socket, []string{"ssh"}})
		}
		if diff := cmp.Diff(want, Mismatches(registered, []Socket{socket})); diff != "" {
			t.Errorf("%q on %d (-want +got):\n%s", test.process, test.port, diff)
		}
	}
}
