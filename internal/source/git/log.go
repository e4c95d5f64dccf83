package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Editions returns all editions of the file with the given path that led to what ref
// names, oldest first; of those of one second, parents before children. Those whose commit has no
// readable date, which [Source.Read] reports as unfit, come first. Where ref or the file does not exist, the error is
// an [ErrNoRef] or an [ErrNoFile].
func (s *Source) Editions(ctx context.Context, ref, file string) ([]Edition, error) {
	head, err := s.resolve(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.editions(ctx, ref, []string{head}, file)
}

// AllEditions returns what [Source.Editions] does, for all branches and tags together.
func (s *Source) AllEditions(ctx context.Context, file string) ([]Edition, error) {
	heads, err := s.heads(ctx)
	if err != nil {
		return nil, err
	}
	if len(heads) == 0 {
		return nil, s.noRef(ctx, "HEAD")
	}
	return s.editions(ctx, "all branches", heads, file)
}

// heads returns the commits that branches and tags name, those of remotes included, each once. A tag that names
// something else leads to no commit and is skipped.
func (s *Source) heads(ctx context.Context) ([]string, error) {
	out, err := s.git.output(ctx, nil, "rev-list", "--no-walk=sorted", "--branches", "--tags", "--remotes")
	return strings.Fields(out), err
}

// Elsewhere returns how many commits added or altered the file on other branches or tags only, and are not among those
// that led to what ref names.
func (s *Source) Elsewhere(ctx context.Context, ref, file string) (int, error) {
	file, err := cleanPath(file)
	if err != nil {
		return 0, err
	}
	head, err := s.resolve(ctx, ref)
	if err != nil {
		return 0, err
	}
	out, err := s.git.output(ctx, nil, "log", "--no-patch", "--no-renames", "--diff-filter=AMT", "--format=%H",
		"--branches", "--tags", "--remotes", "--not", head, "--", ":(top,literal)"+file)
	return strings.Count(out, "\n"), err
}

// editions returns the editions that led to some commits, which together are called name.
func (s *Source) editions(ctx context.Context, name string, heads []string, file string) ([]Edition, error) {
	file, err := cleanPath(file)
	if err != nil {
		return nil, err
	}
	list, err := s.follow(ctx, heads, file)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, s.noFile(ctx, name, heads, file)
	}
	slices.SortStableFunc(list, func(a, b Edition) int { return a.Time.Compare(b.Time) })
	return withoutEchoes(list), nil
}

// resolve returns the hash of the commit that ref names.
func (s *Source) resolve(ctx context.Context, ref string) (string, error) {
	out, err := "", error(&commandError{}) // git has no ref that begins with "-", and might take it for an option
	if !strings.HasPrefix(ref, "-") && ref != "" {
		out, err = s.git.output(ctx, nil, "rev-parse", "--verify", "--quiet", ref+"^{commit}")
	}
	if failed := new(commandError); errors.As(err, &failed) {
		return "", s.noRef(ctx, ref)
	}
	return strings.TrimSpace(out), err
}

// suggestions is how many refs or files an error names.
const suggestions = 5

func (s *Source) noRef(ctx context.Context, ref string) error {
	out, err := s.git.output(ctx, nil, "for-each-ref", "--sort=-committerdate", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
	if err != nil {
		return err
	}
	none, refs := fmt.Errorf("%s: %w: %s", s.shown(), ErrNoRef, ref), strings.Fields(out)
	if len(refs) == 0 {
		return hinted{none, "the repository has no commits"}
	}
	return hinted{none, "it has " + some(refs) + ": give one as --ref"}
}

// some lists the first few of many names.
func some(names []string) string {
	if len(names) > suggestions {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:suggestions], ", "), len(names)-suggestions)
	}
	return strings.Join(names, ", ")
}

// noFile is the error of a file that no commit has. Its hint names files that may be meant: those of the same name that
// any of the commits added, be they removed since, or else those that the newest commit has.
func (s *Source) noFile(ctx context.Context, ref string, heads []string, file string) error {
	same, err := s.everNamed(ctx, heads, path.Base(file))
	if err != nil {
		return err
	}
	out, err := s.git.output(ctx, nil, "ls-tree", "-r", "-z", "--name-only", "--full-tree", heads[0])
	if err != nil {
		return err
	}
	var below, alike []string
	for name := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		switch {
		case strings.HasPrefix(name, file+"/"):
			below = append(below, name)
		case path.Ext(name) == path.Ext(file) && path.Ext(name) != "":
			alike = append(alike, name)
		}
	}
	none := fmt.Errorf("%s: %w of %s: %s", s.shown(), ErrNoFile, ref, file)
	switch {
	case len(same) > 0:
		return hinted{none, "did you mean --path " + some(same) + "?"}
	case len(below) > 0:
		return hinted{fmt.Errorf("%w (it is a folder)", none), "it has " + some(below) + ": give one as --path"}
	case len(alike) > 0:
		return hinted{none, "it has " + some(alike) + ": --path names the registry's file"}
	}
	return hinted{none, "give its path from the repository's root as --path"}
}

// everNamed returns the paths, in alphabetical order, at which a file of that name, in any letter case, was ever added.
func (s *Source) everNamed(ctx context.Context, heads []string, name string) ([]string, error) {
	args := append([]string{"log", "-z", "--name-only", "--diff-filter=A", "--no-renames", "--format="}, heads...)
	out, err := s.git.output(ctx, nil, append(args, "--", ":(top,icase,glob)**/"+globLiteral.Replace(name))...)
	if err != nil {
		return nil, err
	}
	paths := strings.FieldsFunc(out, func(r rune) bool { return r == 0 || r == '\n' })
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// globLiteral escapes what a pathspec with the magic word glob would take for a pattern.
var globLiteral = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)

// walk is a part of the history: what led to some commits, of a file under one name.
type walk struct {
	heads []string
	path  string
	match func(file string) bool // not nil where path is a pattern of several files
}

// wants reports whether a file in git's output is one of the walk. A folder's path stands for all that is below it.
func (w *walk) wants(file string) bool {
	if w.match != nil {
		return w.match(file)
	}
	return file == w.path
}

// follow returns the editions that led to some commits, under all names that the file had;
// parents before children.
func (s *Source) follow(ctx context.Context, heads []string, file string) ([]Edition, error) {
	var list []Edition
	seen := map[string]bool{}
	first := func(things ...string) bool { // whether it is the first time that one hears of them
		key := strings.Join(things, "\x00")
		defer func() { seen[key] = true }()
		return !seen[key]
	}
	for todo := []walk{{heads, file, nil}}; len(todo) > 0; todo = todo[1:] {
		w := todo[0]
		if !first(append(w.heads, "heads", w.path)...) {
			continue
		}
		found, err := s.log(ctx, w)
		if err != nil {
			return nil, err
		}
		var fresh []Edition
		for _, e := range found {
			if !first(e.Commit, e.Path) {
				continue
			}
			fresh = append(fresh, e.Edition)
			if e.created == 0 || e.created < len(e.parents) { // else it came from no parent under this name
				continue
			}
			names, err := s.renamed(ctx, e)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				todo = append(todo, walk{e.parents, name, nil})
			}
		}
		list = append(fresh, list...) // what went by another name came before
	}
	return list, nil
}

// logged is an edition in the output of git log.
type logged struct {
	Edition
	parents []string
	created int // how many of the parents have no such file; one where there is no parent
}

// log returns the editions of one walk, parents before children.
func (s *Source) log(ctx context.Context, w walk) ([]logged, error) {
	// --full-history goes into all sides of a merge, and --parents lists merges that agree
	// with one of them; -m compares them with each.
	args := []string{
		"log", "-z", "--raw", "-m", "--full-history", "--parents", "--topo-order", "--reverse",
		"--no-abbrev", "--no-renames", "--no-color", "--no-notes", "--format=commit %H %ct",
	}
	args = append(args, w.heads...)
	pathspec := ":(top,literal)" + w.path
	if w.match != nil {
		pathspec = ":(top,glob)" + w.path
	}
	out, err := s.git.output(ctx, nil, append(args, "--", pathspec)...)
	if err != nil {
		return nil, err
	}
	list, err := parseLog(out, w.wants)
	if err != nil {
		return nil, fmt.Errorf("git log: %w", err)
	}
	return list, s.readParents(ctx, list)
}

// readParents sets the parents of commits: git log --parents lists only those with
// editions.
func (s *Source) readParents(ctx context.Context, list []logged) error {
	if len(list) == 0 {
		return nil // and git would take no commits for HEAD
	}
	var ask bytes.Buffer
	for _, e := range list {
		ask.WriteString(e.Commit + "\n")
	}
	out, err := s.git.output(ctx, &ask, "rev-list", "--parents", "--no-walk=unsorted", "--stdin")
	if err != nil {
		return err
	}
	parents := make(map[string][]string, len(list))
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) > 0 {
			parents[f[0]] = f[1:]
		}
	}
	for i := range list {
		list[i].parents = parents[list[i].Commit]
		list[i].merge = len(list[i].parents) > 1
	}
	return nil
}

// parseLog reads what git log writes: "commit HASH SECONDS", and for each difference from
// a parent ":" with two modes, two blobs and a status, and then the path, each ended by NUL. Editions are those of the
// wanted files.
func parseLog(out string, wanted func(file string) bool) ([]logged, error) {
	var list []logged
	of := make(map[string]int) // the edition of each file in the present commit
	var now Edition
	words := strings.Split(out, "\x00")
	for i := 0; i < len(words); i++ {
		switch word := strings.TrimLeft(words[i], "\n"); {
		case word == "":
		case strings.HasPrefix(word, "commit "):
			var err error
			was := now.Commit
			if now, err = parseCommit(word); err != nil {
				return nil, err
			}
			if now.Commit != was { // else it is a merge, compared with another parent
				clear(of)
			}
		case i+1 < len(words):
			c, err := parseChange(word)
			if err != nil {
				return nil, err
			}
			file := words[i+1]
			if i++; c.status[0] == 'D' || !wanted(file) {
				continue
			}
			at, found := of[file]
			if !found {
				at = len(list)
				of[file], list = at, append(list, logged{Edition: now})
			}
			e := &list[at]
			e.Path, e.mode, e.blob = file, c.mode, c.blob
			if c.status[0] == 'A' {
				e.created++
			}
		default:
			return nil, fmt.Errorf("not understood: %q", word)
		}
	}
	return list, nil
}

// parseCommit parses "commit HASH SECONDS". Git writes no seconds, or more than 63 bits of them, where it cannot read
// the date of a commit: the time is then zero.
func parseCommit(line string) (Edition, error) {
	f := strings.Fields(line)
	if len(f) < 2 || len(f) > 3 {
		return Edition{}, fmt.Errorf("not a commit: %q", line)
	}
	e := Edition{Commit: f[1]}
	if len(f) == 3 {
		if seconds, err := strconv.ParseInt(f[2], 10, 64); err == nil {
			e.Time = time.Unix(seconds, 0).UTC()
		}
	}
	if year := e.Time.Year(); year < 1 || year > 9999 {
		e.Time = time.Time{}
	}
	return e, nil
}

// change is the part of a raw line about a file: its new mode and blob, and its status.
type change struct{ mode, blob, status string }

func parseChange(line string) (change, error) {
	f := strings.Fields(line)
	if len(f) != 5 || f[0][0] != ':' {
		return change{}, fmt.Errorf("not a difference: %q", line)
	}
	return change{mode: f[1], blob: f[3], status: f[4]}, nil
}

// renamed returns the names from which a file was renamed in a commit: one or none, or
// where the commit is a merge perhaps several.
func (s *Source) renamed(ctx context.Context, e logged) ([]string, error) {
	if len(e.parents) == 0 {
		return nil, nil
	}
	out, err := s.git.output(ctx, nil, "diff-tree", "-r", "-m", "-M", "-z", "--raw", "--no-abbrev", "--no-commit-id", "--diff-filter=R", e.Commit)
	if err != nil {
		return nil, err
	}
	var from []string
	words := strings.Split(out, "\x00")
	for i := 0; i+2 < len(words); i += 3 { // the raw line, the old name, the new one
		if words[i+2] == e.Path && !slices.Contains(from, words[i+1]) {
			from = append(from, words[i+1])
		}
	}
	return from, nil
}

// withoutEchoes drops the merges that only repeat the edition before them.
func withoutEchoes(list []Edition) []Edition {
	var kept []Edition
	for _, e := range list {
		if n := len(kept); e.merge && n > 0 && kept[n-1].blob == e.blob {
			continue
		}
		kept = append(kept, e)
	}
	return kept
}
