package sockets

import (
	"fmt"
	"io"
	"strings"

	"github.com/ianasync/ianasync/internal/text"
)

// WriteText writes the sockets on one port, for a terminal.
func WriteText(w io.Writer, list []Socket) error {
	var b strings.Builder
	for i := range list {
		s := &list[i]
		fmt.Fprintf(&b, "On this machine now: %s listens on %s, %d/%s.\n", holder(s), text.Visible(s.Address), s.Port, s.Transport)
	}
	if len(list) == 0 {
		b.WriteString("On this machine now: nothing listens on it on tcp or udp. That says nothing about other times or machines.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMismatches writes mismatches with a version of the registry, for a terminal.
func WriteMismatches(w io.Writer, found []Mismatch, version string) error {
	var b strings.Builder
	for i := range found {
		m := &found[i]
		fmt.Fprintf(&b, "%d/%s on %s: %s; the registry has %s there\n",
			m.Port, m.Transport, text.Visible(m.Address), holder(&m.Socket), text.Visible(strings.Join(m.Registered, ", ")))
	}
	if len(found) == 0 {
		b.WriteString("Nothing listens on a port that the registry has another service on.\n")
	}
	fmt.Fprintf(&b, "Version %s. A registration is advisory: using the port of another service is not an error.\n", version)
	_, err := io.WriteString(w, b.String())
	return err
}

// holder names the process of a socket: "sshd (process 812)".
func holder(s *Socket) string {
	if s.PID == 0 {
		return "a process that this user may not see"
	}
	return fmt.Sprintf("%s (process %d)", text.Visible(s.Process), s.PID)
}
