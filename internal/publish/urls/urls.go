// Package urls defines the addresses of published pages, in one place for pages, feeds and lists.
//
// An address is a path below the published folder, with slashes. That of a page ends in a slash: the page is the file
// index.html in that folder. Addresses never change, because people link to them and feeds name their entries by them.
//
// Service names may contain any characters: slashes, stars, plus signs, spaces and capitals. So a service's folder is its name in
// lower case as [layout.FileName] writes it; those of groups and registries, whose letter case matters, are their ids.
package urls

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ianasync/ianasync/internal/layout"
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

// Registries is the address of the index of all groups of registries.
const Registries = "registry/"

// Group returns the address of a group's page: "registry/tls-parameters/".
func Group(id string) string { return Registries + layout.FileName(id) + "/" }

// Registry returns the address of the page of a registry other than the service names, of the id
// "tls-parameters/tls-parameters-4": "registry/tls-parameters/tls-parameters-4/".
func Registry(id string) string {
	group, name, _ := strings.Cut(id, "/")
	return Group(group) + layout.FileName(name) + "/"
}

// Week returns the address of the page of a day's week, named by its Monday: "week/2018-03-26/".
func Week(day time.Time) string {
	day = day.UTC()
	return "week/" + day.AddDate(0, 0, -(int(day.Weekday())+6)%7).Format(time.DateOnly) + "/"
}

// Seen returns the address of what a version of a group brought, on the page of its week:
// "week/2018-03-26/#tls-parameters-20180328T225601Z".
func Seen(group, version string, at time.Time) string { return Week(at) + "#" + SeenID(group, version) }

// SeenID returns the id of a version's element on the page of its week.
func SeenID(group, version string) string { return layout.FileName(group) + "-" + version }

// RFC returns the address of the page of what an RFC changed: "rfc/9846/".
func RFC(number int) string { return fmt.Sprintf("rfc/%d/", number) }

// Link returns the shortest relative link from the page at one address to another address.
func Link(from, to string) string {
	same := 0 // bytes that lead to the folder that has both
	for i := 0; i < len(from) && i < len(to) && from[i] == to[i]; i++ {
		if from[i] == '/' {
			same = i + 1
		}
	}
	return cmp.Or(strings.Repeat("../", strings.Count(from[same:], "/"))+to[same:], "./")
}

// Service returns the address of a service's page; letter case is ignored: "service/ncl/".
func Service(name string) string { return "service/" + escape(name) + "/" }

func escape(name string) string { return layout.FileName(strings.ToLower(name)) }
