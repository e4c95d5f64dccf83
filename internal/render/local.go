package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/ianasync/ianasync/internal/audit"
	"github.com/ianasync/ianasync/internal/text"
)

// Local writes the listeners of a port on this machine, for a terminal.
func Local(w io.Writer, list []audit.Listener) error {
	var b strings.Builder
	for i := range list {
		l := &list[i]
		fmt.Fprintf(&b, "On this machine now: %s listens on %s, %d/%s.\n", process(l), text.Visible(l.Address), l.Port, l.Transport)
	}
	if len(list) == 0 {
		b.WriteString("On this machine now: nothing listens on it on tcp or udp. That says nothing about other times or machines.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// LocalAudit writes the listeners on ports of services that they do not seem to be, for a terminal.
func LocalAudit(w io.Writer, found []audit.Stranger, version string) error {
	var b strings.Builder
	for i := range found {
		s := &found[i]
		fmt.Fprintf(&b, "%d/%s on %s: %s; the registry has %s there\n",
			s.Port, s.Transport, text.Visible(s.Address), process(&s.Listener), text.Visible(strings.Join(s.Registered, ", ")))
	}
	if len(found) == 0 {
		b.WriteString("Nothing listens on a port that the registry has another service on.\n")
	}
	fmt.Fprintf(&b, "Version %s. A registration is advisory: it is no fault to use another's port.\n", version)
	_, err := io.WriteString(w, b.String())
	return err
}

// process names the process of a listener: "sshd (process 812)".
func process(l *audit.Listener) string {
	if l.PID == 0 {
		return "a process that this user may not see"
	}
	return fmt.Sprintf("%s (process %d)", text.Visible(l.Process), l.PID)
}
