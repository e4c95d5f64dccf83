package dataset

import (
	"bytes"
	"strings"
)

// Listed is a service name in a list, and where it stands.
type Listed struct {
	Name string
	Line int
}

// ParseList reads a list of service names: one a line, what follows a # is a comment.
func ParseList(data []byte) (names []Listed) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	line := 0
	for text := range strings.Lines(string(data)) {
		line++
		text, _, _ = strings.Cut(text, "#")
		if name := strings.TrimSpace(text); name != "" {
			names = append(names, Listed{name, line})
		}
	}
	return names
}
