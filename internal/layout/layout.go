// Package layout defines the file names of a store, for packages that use these files without opening the store:
// to commit them to git, to protect them from being published over, or to watch them.
//
//	store.json            the format
//	checks.jsonl          when each group was last checked, a line each
//	CHANGELOG.md          what changed in all groups, in the two newest years
//	changelog/2018.md     what changed in an earlier year
//	.gitattributes        git alters no line ends here
//	.gitignore            what git does not commit
//	.lock                 held by the writer; of this machine alone
//	notify/               what each webhook has received; of this machine alone
//	GROUP/                a folder for each group: see [Group]
package layout

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// The names of a store's own files and folders, within the store's folder.
const (
	Store         = "store.json"
	Checks        = "checks.jsonl"
	Changelog     = "CHANGELOG.md"
	Changelogs    = "changelog"
	GitAttributes = ".gitattributes"
	GitIgnore     = ".gitignore"
	Lock          = ".lock"
	Notify        = "notify"
)

// ChangelogOf is the file of the changelog of an earlier year.
func ChangelogOf(year string) string { return path.Join(Changelogs, year+".md") }

// IsChangelog reports whether a name within a store's folder is that of the changelog, or of a [ChangelogOf] file.
func IsChangelog(name string) bool {
	return name == Changelog || path.Dir(name) == Changelogs && isYear(name)
}

// isYear reports whether a file is that of a year's changelog, by its name.
func isYear(name string) bool {
	year, is := strings.CutSuffix(path.Base(name), ".md")
	return is && len(year) == 4 && strings.Trim(year, "0123456789") == ""
}

// Group is the id of a group, which is also the name of its folder. Its methods return the names of the
// folder's files, with slashes, within the store's folder.
type Group string

// Versions is the file of what was seen: one line for each sighting, by time.
func (g Group) Versions() string { return path.Join(string(g), "versions.jsonl") }

// Bytes is the folder of the versions' bytes.
func (g Group) Bytes() string { return path.Join(string(g), "versions") }

// Blob is the file of the bytes that were first seen at id.
func (g Group) Blob(id string) string { return path.Join(g.Bytes(), id[:4], id+".zst") }

// Table is the file of the newest table of a registry of the group, as canonical CSV. The registry's id is without that of
// the group.
func (g Group) Table(registry string) string { return path.Join(string(g), FileName(registry)+".csv") }

// IsTable reports whether a name within a store's folder is that of a [Group.Table] file.
func (g Group) IsTable(name string) bool {
	return path.Dir(name) == string(g) && path.Ext(name) == ".csv"
}

// Stylesheet is the file of the group's stylesheet, from which columns have their labels for people.
func (g Group) Stylesheet() string { return path.Join(string(g), string(g)+".xsl") }

// Derived is the folder of the other files that are derived from the versions.
func (g Group) Derived() string { return path.Join(string(g), "derived") }

// Registries is the file that lists the registries of the group, as the newest version has them. The group of the service
// names has none.
func (g Group) Registries() string { return path.Join(g.Derived(), "registries.json") }

// Search is the file with the values, names and descriptions of the newest version, in which a search looks. The group of the
// service names has none: its table is one file.
func (g Group) Search() string { return path.Join(g.Derived(), "search.txt") }

// Changelogs is the folder of the group's part of the changelog. The group of the service names has none where it is alone.
func (g Group) Changelogs() string { return path.Join(g.Derived(), "changelog") }

// ChangelogOf is the file of the group's part of the changelog of a year.
func (g Group) ChangelogOf(year string) string { return path.Join(g.Changelogs(), year+".md") }

// IsPart reports whether a name within a store's folder is that of a [Group.ChangelogOf] file.
func IsPart(name string) bool {
	group, _, _ := strings.Cut(name, "/")
	return path.Dir(name) == Group(group).Changelogs() && isYear(name)
}

// State is the file that says from which versions the derived files were made.
func (g Group) State() string { return path.Join(g.Derived(), "state.json") }

// Changes is the folder of the lists of changes.
func (g Group) Changes() string { return path.Join(g.Derived(), "changes") }

// ChangesOf is the file of the lists of changes of a year.
func (g Group) ChangesOf(year string) string { return path.Join(g.Changes(), year+".jsonl") }

// SubjectsOf is the file of the subjects of a year's changes.
func (g Group) SubjectsOf(year string) string { return path.Join(g.Changes(), year+".txt") }

// Quarantine is the folder of refused bodies.
func (g Group) Quarantine() string { return path.Join(string(g), "quarantine") }

// IsVersions reports whether a name within a store's folder is that of a [Group.Versions] file.
func IsVersions(name string) bool { return path.Base(name) == path.Base(Group("").Versions()) }

// IsBytes reports whether a name within a store's folder is that of a file in a [Group.Bytes] folder.
func IsBytes(name string) bool { return strings.Contains("/"+name, "/"+Group("").Bytes()+"/") }

// Committed returns the names of the files and folders that a store of the given groups consists of. Whatever else is in
// its folder belongs to somebody else or, as the lock does, to this machine alone.
func Committed(groups ...string) []string {
	return append([]string{Store, Checks, Changelog, Changelogs, GitAttributes, GitIgnore}, groups...)
}

// GroupsOf returns the groups that a store has something of, sorted, from the names of its files. A folder of somebody else's,
// beside those of the store, is none.
func GroupsOf[V any](names map[string]V) []string {
	var ids []string
	for name := range names {
		id := path.Dir(name)
		if _, derived := names[Group(id).State()]; name == Group(id).Versions() && derived && !strings.Contains(id, "/") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// NewestID returns the id of the newest sighting in the content of a [Group.Versions] file. It is empty where
// there is none, or where its line cannot be read.
func NewestID(versions []byte) string {
	lines := bytes.Split(bytes.TrimSuffix(versions, []byte("\n")), []byte("\n"))
	var last struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		return ""
	}
	return last.ID
}
