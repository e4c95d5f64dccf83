// Package urls defines the addresses of published pages, in one place for pages, feeds and lists.
//
// An address is a path below the published folder, with slashes. That of a page ends in a slash: the page is the file
// index.html in that folder. Addresses never change, because people link to them and feeds name their entries by them.
//
// Service names may contain any characters: slashes, stars, plus signs, spaces and capitals. Some file systems do not
// distinguish letter case or reserve names (CON, AUX). So a service's folder is its name in lower case, in which each byte
// except a-z, 0-9, - and _ is written as ~ and two hexadecimal digits. The first letter of a name that begins like that of a
// device is escaped, too, and the end of a name that is too long for a file system is replaced by a digest.
package urls

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// BlockSize is the number of ports in a block, which share a page.
const BlockSize = 256

// Port returns the address of a port's page: "port/2397/".
func Port(port uint16) string { return "port/" + strconv.Itoa(int(port)) + "/" }

// Block returns the address of the page of a port's block, named by the first port: "block/2304/".
func Block(port uint16) string {
	return "block/" + strconv.Itoa(int(port)/BlockSize*BlockSize) + "/"
}

// PortIn returns the address of a port on the page of its block, for a port without a page: "block/49920/#p50000".
func PortIn(port uint16) string { return Block(port) + "#" + PortID(port) }

// PortID returns the id of a port's element on the page of its block: "p50000".
func PortID(port uint16) string { return "p" + strconv.Itoa(int(port)) }

// Version returns the address of a version's page: "version/20180328T225601Z/".
func Version(id string) string { return "version/" + id + "/" }

// Year returns the address of a year's page: "year/2018/".
func Year(year int) string { return fmt.Sprintf("year/%04d/", year) }

// Service returns the address of a service's page; letter case is ignored: "service/ncl/".
func Service(name string) string { return "service/" + escape(name) + "/" }

// longest is the maximum length in bytes of a service's folder name; file systems accept 255.
const longest = 120

// devices are names that Windows reserves.
var devices = []string{"con", "prn", "aux", "nul", "com", "lpt"}

func escape(name string) string {
	var b strings.Builder
	lower := strings.ToLower(name)
	for i := range len(lower) {
		c := lower[i]
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "~%02x", c)
		}
	}
	s := b.String()
	for _, d := range devices {
		if rest, found := strings.CutPrefix(s, d); found && (rest == "" || len(rest) == 1 && '0' <= rest[0] && rest[0] <= '9') {
			return fmt.Sprintf("~%02x%s", s[0], s[1:])
		}
	}
	if len(s) > longest {
		sum := sha256.Sum256([]byte(lower))
		end := "~~" + hex.EncodeToString(sum[:8])
		return s[:longest-len(end)] + end
	}
	return s
}
