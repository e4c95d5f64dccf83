// Package urls says where things are published: one place for the links of pages, feeds and lists, so that
// these cannot disagree.
//
// An address is a path below the folder that is published, with slashes; it ends in one where it is that of a page,
// which is the file index.html in that folder. Addresses never change: people link to them, and feeds name their
// entries by them.
//
// Service names are anything: they hold slashes, stars, plus signs, spaces and capitals, and some file systems
// know no capitals or have names of their own (CON, AUX). So a service's folder is its name in lower case, as
// services are looked up, with all but a-z, 0-9, - and _ written as ~ and two hexadecimal digits a byte; a
// name that begins as a device's would has its first letter so written, and of a name too long for a
// file system the end is replaced by a digest.
package urls

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// BlockSize is how many ports share the page of a block.
const BlockSize = 256

// Port is the page of a port: "port/2397/".
func Port(port uint16) string { return "port/" + strconv.Itoa(int(port)) + "/" }

// Block is the page of the block of ports that a port is in, named by its first one: "block/2304/".
func Block(port uint16) string {
	return "block/" + strconv.Itoa(int(port)/BlockSize*BlockSize) + "/"
}

// Version is the page of a version by its id: "version/20180328T225601Z/".
func Version(id string) string { return "version/" + id + "/" }

// Year is the page of a year: "year/2018/".
func Year(year int) string { return fmt.Sprintf("year/%04d/", year) }

// Service is the page of a service name, in whatever case: "service/ncl/".
func Service(name string) string { return "service/" + escape(name) + "/" }

// longest is how many bytes the folder of a service may have; file systems take 255.
const longest = 120

// devices are names that Windows keeps for itself.
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
