package dataset

import (
	"bytes"
	"strings"
)

// ParseList reads a list of service names: one a line, what follows a # is a comment.
func ParseList(data []byte) (names []string) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		if name := strings.TrimSpace(line); name != "" {
			names = append(names, name)
		}
	}
	return names
}
