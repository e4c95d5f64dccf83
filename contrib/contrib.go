// Package contrib holds files that come with the program, for those that it writes out or uses itself.
package contrib

import _ "embed"

// Netbase is the overlay of a services(5) file with what Debian's netbase has and IANA has not.
//
//go:embed overlays/netbase
var Netbase []byte
