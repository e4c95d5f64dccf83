package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/ianasync/ianasync/internal/listeners"
)

// Local writes what listens on this machine, for a terminal.
func Local(w io.Writer, list []listeners.Listener) error {
	var b strings.Builder
	for i := range list {
		l := &list[i]
		by := "a process that this user may not see"
		if l.PID != 0 {
			by = fmt.Sprintf("%s (process %d)", Visible(l.Process), l.PID)
		}
		fmt.Fprintf(&b, "On this machine now: %s listens on %s, %d/%s.\n", by, Visible(l.Address), l.Port, l.Transport)
	}
	if len(list) == 0 {
		b.WriteString("On this machine now: nothing listens on it, by tcp or udp.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
