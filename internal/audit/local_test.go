package audit

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/registry"
)

// TestLocal listens on a registered port as various processes: those whose names fit the service are no strangers.
func TestLocal(t *testing.T) {
	registered := table("ssh 22/tcp Secure_Shell; postgresql 5432/tcp; - 23/tcp")
	for _, test := range []struct {
		process  string
		port     uint16
		stranger bool
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
		l := Listener{Port: test.port, Transport: registry.TCP, Process: test.process}
		want := []Stranger{}
		if test.stranger {
			want = append(want, Stranger{l, []string{"ssh"}})
		}
		if diff := cmp.Diff(want, Local(registered, []Listener{l})); diff != "" {
			t.Errorf("%q on %d (-want +got):\n%s", test.process, test.port, diff)
		}
	}
}
