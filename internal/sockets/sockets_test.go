package sockets

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ianasync/ianasync/registry/ports"
)

// TestOn opens sockets of all sorts, and wants those that wait.
func TestOn(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has real sockets to ask about without rights")
	}
	stream, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	port := uint16(stream.Addr().(*net.TCPAddr).Port)
	client, err := net.Dial("tcp", stream.Addr().String()) // its two ends wait for nobody
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	udp := uint16(packets.LocalAddr().(*net.UDPAddr).Port)

	got, err := On(t.Context(), port, udp)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Socket{{Port: port, Transport: ports.TCP}, {Port: udp, Transport: ports.UDP}} {
		i := slices.IndexFunc(got, func(l Socket) bool { return l.Port == want.Port && l.Transport == want.Transport })
		if i < 0 {
			t.Errorf("%+v is not among %+v", want, got)
			continue
		}
		if l := got[i]; l.Address != "127.0.0.1" || l.PID != int32(os.Getpid()) || !strings.HasPrefix(filepath.Base(self), l.Process) || l.Process == "" {
			t.Errorf("%+v, want this process", l)
		}
	}
	// Other processes may have sockets on these ports, of the other transport, or once this one's are closed.
	others := func(l Socket) bool { return l.PID != int32(os.Getpid()) }
	if ours := slices.DeleteFunc(slices.Clone(got), others); len(ours) != 2 {
		t.Errorf("%d listeners, want 2: %+v", len(ours), ours)
	}
	all, err := On(t.Context())
	if err != nil || len(all) < len(got) {
		t.Errorf("of all ports %d, of two %d (%v)", len(all), len(got), err)
	}
	if !slices.IsSortedFunc(all, compare) {
		t.Error("not in order of ports")
	}
	stream.Close()
	client.Close()
	if got, err := On(t.Context(), port); err != nil || slices.ContainsFunc(got, func(l Socket) bool { return l.Transport == ports.TCP && !others(l) }) {
		t.Errorf("what is closed is told: %+v, %v", got, err)
	}
}
