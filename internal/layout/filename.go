package layout

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// FileName returns a text of the registry's, an id or a name, as the name of a file or folder, of which the ending may follow. Texts that
// differ have names that differ by more than letter case, and no name is one that Windows takes for a device or shortens. Each
// byte except a-z, 0-9, - and _ is written as ~ and two hexadecimal digits, and so is the first letter of what begins like the name of
// a device. The end of a name that is too long for a file system is replaced by a digest.
func FileName(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "~%02x", c)
		}
	}
	name := b.String()
	if IsDevice(name) {
		return fmt.Sprintf("~%02x%s", name[0], name[1:])
	}
	if len(name) > longestName {
		sum := sha256.Sum256([]byte(text))
		end := "~~" + hex.EncodeToString(sum[:8])
		return name[:longestName-len(end)] + end
	}
	return name
}

// longestName is the maximum length of a name in bytes; file systems accept 255, and temporary names are longer.
const longestName = 120

// devices are what the names of devices of Windows begin with; a digit may follow. With any ending they are devices, too:
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
var devices = []string{"con", "prn", "aux", "nul", "com", "lpt"}

// IsDevice reports whether Windows takes a name, in lower case and without an ending, for that of a device.
func IsDevice(name string) bool {
	for _, d := range devices {
		if rest, found := strings.CutPrefix(name, d); found && (rest == "" || len(rest) == 1 && '0' <= rest[0] && rest[0] <= '9') {
			return true
		}
	}
	return false
}
