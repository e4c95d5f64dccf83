package site

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ianasync/ianasync/internal/publish/urls"
	"github.com/ianasync/ianasync/internal/text"
	"github.com/ianasync/ianasync/registry/ports"
)

// finder is the search itself; the index is data for it.
//
//go:embed assets/find.js
var finder []byte

// aliasFile has names that people use for services, beside those of the registry. Its head describes its form.
//
//go:embed assets/aliases.txt
var aliasFile string

// alias is a line of [aliasFile].
type alias struct {
	names, targets []string
	remark         string
}

// aliases parses the lines of [aliasFile]: it returns an error with the line's number where one has another form.
func aliases() (list []alias, err error) {
	for i, line := range strings.Split(aliasFile, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		names, rest, found := strings.Cut(line, ": ")
		targets, remark, _ := strings.Cut(rest, " | ")
		a := alias{strings.Split(names, ", "), strings.Split(targets, ", "), remark}
		if !found || slices.Contains(a.names, "") || slices.Contains(a.targets, "") {
			return nil, fmt.Errorf("aliases.txt:%d: %q is not NAMES: TARGETS", i+1, line)
		}
		list = append(list, a)
	}
	return list, nil
}

// index is the data of the search. Its texts are lines of columns with tabs between them; a column at the end that is
// empty is left out.
type index struct {
	Services string `json:"services"` // name; description; ports, each with the letters of its transports unless these are tcp and udp; folder where it is not the name in lower case; "gone"
	Aliases  string `json:"aliases"`  // other names; services or ports; remark
	Reports  string `json:"reports"`  // ports; what IANA reports or notes, where they are Unassigned
	Notes    string `json:"notes"`    // ports; what others say
	States   string `json:"states"`   // runs of ports: the letter of their state, and how many
	Pages    string `json:"pages"`    // the ports that have a page, as distances from one to the next
}

// searchIndex returns the data of the search as a script, because a page that is opened from a disk may read no other
// file. It has no column with names of people.
func (s *site) searchIndex() ([]byte, error) {
	aliases, err := s.aliasLines()
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(index{
		Services: columns(s.serviceLines()), Aliases: columns(aliases), Reports: columns(s.reportLines()), Notes: columns(s.noteLines()),
		States: s.stateRuns(), Pages: s.pageDistances(),
	})
	return fmt.Appendf(nil, "var ianasync = %s;\n", data), err
}

// columns joins lines of columns. White space within a column becomes a space.
func columns(rows [][]string) string {
	var lines []string
	for _, row := range rows {
		for i, cell := range row {
			row[i] = strings.Join(strings.Fields(cell), " ")
		}
		lines = append(lines, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return strings.Join(lines, "\n")
}

func (s *site) serviceLines() (rows [][]string) {
	for _, name := range s.names {
		at, gone := urls.Service(name), ""
		folder := strings.TrimSuffix(strings.TrimPrefix(at, "service/"), "/")
		if folder == strings.ToLower(name) {
			folder = ""
		}
		if s.gone[at] {
			gone = "gone"
		}
		records := s.Table.Service(name)
		rows = append(rows, []string{text.Visible(name), s.describe(records, name), strings.Join(placesOf(records), ","), folder, gone})
	}
	return rows
}

// longestDescription is how many characters of a description lists and the search show.
const longestDescription = 120

// describe returns the first description of records that does not only repeat the name.
func (s *site) describe(records []ports.Record, name string) string {
	for i := range records {
		if d := strings.TrimSpace(text.Visible(records[i].Description)); d != "" && !strings.EqualFold(d, name) {
			return text.Cut(d, longestDescription)
		}
	}
	return ""
}

// placesOf returns the ports of records, each with the letters of its transports: "80tus". Letters are left out for tcp
// and udp, which most have.
func placesOf(records []ports.Record) (list []string) {
	on := make(map[ports.Ports][]ports.Transport)
	var order []ports.Ports
	for i := range records {
		r := &records[i]
		if _, _, ok := r.Ports.Bounds(); !ok {
			continue
		}
		if _, known := on[r.Ports]; !known {
			order = append(order, r.Ports)
		}
		on[r.Ports] = append(on[r.Ports], r.Transport)
	}
	for _, p := range order {
		letters := ""
		for _, t := range ports.Transports() {
			if slices.Contains(on[p], t) {
				letters += string(t[:1])
			}
		}
		if letters == "tu" {
			letters = ""
		}
		list = append(list, p.String()+letters)
	}
	return list
}

// aliasLines leaves out targets that are not in the newest version.
func (s *site) aliasLines() (rows [][]string, err error) {
	list, err := aliases()
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		targets := slices.DeleteFunc(slices.Clone(a.targets), func(t string) bool {
			if _, err := strconv.ParseUint(t, 10, 16); err == nil {
				return false
			}
			at := urls.Service(t)
			return s.known[at] == "" || s.gone[at]
		})
		if len(targets) > 0 {
			rows = append(rows, []string{strings.Join(a.names, ","), strings.Join(targets, ","), a.remark})
		}
	}
	return rows, nil
}

func (s *site) reportLines() (rows [][]string) {
	for i := range s.Table.Records {
		r := &s.Table.Records[i]
		for _, remark := range r.Remarks() {
			rows = append(rows, []string{r.Ports.String(), text.Visible(remark)})
		}
	}
	return rows
}

func (s *site) noteLines() (rows [][]string) {
	for _, n := range s.Notes {
		rows = append(rows, []string{n.Ports.String(), text.Visible(n.Text)})
	}
	return rows
}

// stateLetters are the letters of states in the index.
var stateLetters = [...]byte{blank: 'b', unassigned: 'u', remarked: 'm', reserved: 'r', nameless: 'n', assigned: 'a'}

func (s *site) stateRuns() string {
	var b strings.Builder
	for first := 0; first < len(s.ports); {
		next := first + 1
		for next < len(s.ports) && s.stateOf(next) == s.stateOf(first) {
			next++
		}
		fmt.Fprintf(&b, "%c%d", stateLetters[s.stateOf(first)], next-first)
		first = next
	}
	return b.String()
}

func (s *site) pageDistances() string {
	var pages []string
	last := 0
	for port := range s.ports {
		if s.ports[port].page {
			pages = append(pages, strconv.Itoa(port-last))
			last = port
		}
	}
	return strings.Join(pages, " ")
}
