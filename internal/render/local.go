package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/ianasync/ianasync/internal/sockets"
	"github.com/ianasync/ianasync/internal/text"
)

// Local writes what listens on this machine, for a terminal.
func Local(w io.Writer, list []sockets.Listener) error {
	var b strings.Builder
	for i := range list {
		l := &list[i]
		fmt.Fprintf(&b, "On this machine now: %s listens on %s, %d/%s.\n", Process(l), text.Visible(l.Address), l.Port, l.Transport)
	}
	if len(list) == 0 {
		b.WriteString("On this machine now: nothing listens on it, by tcp or udp.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Process names the process of a listener: "sshd (process 812)".
func Process(l *sockets.Listener) string {
	if l.PID == 0 {
		return "a process that this user may not see"
	}
	return fmt.Sprintf("%s (process %d)", text.Visible(l.Process), l.PID)
}
