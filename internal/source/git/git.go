// Package git reads all editions of one file from a git repository: every content
// of it that was ever committed, with the commit and its time.
//
// # Which editions
//
// An edition is the file in a commit, if it differs from the file in one of the
// commit's parents. All ancestors of the requested commit are read, those on side
// branches as well, whether or not a merge kept their changes: each has the file as it
// was at its time. A merge is an edition only if its bytes differ from those of the
// edition before it. Where the file was renamed, its history continues under its
// earlier name.
//
// The time of an edition is the committer's: when the commit was added to this history.
// An author's time is that of the patch, and survives rebasing. Clocks can be wrong, so a
// commit can be older than its parents; editions are listed in order of their times.
//
// # How
//
// The git command reads the repository, because no library reads all of git's formats:
// one "git log" for the commits, one "git cat-file --batch" for all bytes. A repository on
// this machine is read in place and nothing is written to it; a bundle or a URL is
// cloned into a temporary folder, without a working tree. No argument of a caller
// can become an option of git: refs are resolved to hashes first, paths are literal
// pathspecs, and a URL follows "--".
package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Errors that a caller can check for with [errors.Is].
var (
	ErrNoGit  = errors.New("git is not installed: PATH has no command git")
	ErrNoRepo = errors.New("not a git repository, a bundle, or a URL of one")
	ErrNoRef  = errors.New("no such ref")
	ErrNoFile = errors.New("no such file in the history")
)

// Edition is the file as one commit left it.
type Edition struct {
	Commit string    // its hash, in hexadecimal
	Time   time.Time // the committer's, to the second, UTC
	Path   string    // the file's name then

	blob  string
	mode  string
	merge bool
}

// Source is an open repository. It must be closed.
type Source struct {
	// Name is what the repository is called: the URL that it was cloned from, without
	// credentials, or the last element of its path.
	Name string
	// Shallow says that the repository was cloned without its whole history.
	Shallow bool

	git    command
	given  string // as the caller wrote it
	remove string // a temporary folder, if any
}

// Open opens a repository: the path of one (with a working tree or without), the path
// of a bundle, or a URL that git can clone, which takes as long as it takes.
func Open(ctx context.Context, repo string) (*Source, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, hinted{ErrNoGit, "install git (https://git-scm.com/downloads), and try again"}
	}
	s := &Source{given: repo, Name: nameOf(repo)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Source) open(ctx context.Context) error {
	info, err := os.Stat(s.given)
	switch {
	case err == nil && info.IsDir():
		err = s.findRepository(ctx)
	case err == nil:
		err = s.cloneBundle(ctx)
	case isRemote(s.given):
		err = s.clone(ctx)
	case errors.Is(err, fs.ErrNotExist):
		return hinted{fmt.Errorf("%s: %w", s.given, err), "a repository is the path of one, a bundle, or a URL that git can clone"}
	}
	if err != nil {
		return err
	}
	out, err := s.git.output(ctx, nil, "rev-parse", "--is-shallow-repository")
	s.Shallow = strings.TrimSpace(out) == "true"
	return err
}

// findRepository opens the given folder, and does not search its parents as git does.
func (s *Source) findRepository(ctx context.Context) error {
	dir, err := filepath.Abs(s.given)
	if err != nil {
		return err
	}
	if inner := filepath.Join(dir, ".git"); exists(inner) { // a folder, or a file that names one
		dir = inner
	}
	out, err := command{dir: dir}.output(ctx, nil, "rev-parse", "--absolute-git-dir")
	if err != nil {
		if failed := new(commandError); errors.As(err, &failed) && strings.Contains(failed.stderr, "not a git repository") {
			return hinted{fmt.Errorf("%s: %w", s.given, ErrNoRepo), "give the folder that holds .git, or a bare repository"}
		}
		return err
	}
	s.git = command{dir: strings.TrimRight(out, "\r\n")}
	return nil
}

// cloneBundle clones a file, if it is a bundle.
func (s *Source) cloneBundle(ctx context.Context) error {
	f, err := os.Open(s.given)
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	first := make([]byte, len("# v2 git bundle\n"))
	if _, err := io.ReadFull(f, first); err != nil || !bundle().Match(first) {
		return hinted{fmt.Errorf("%s: %w", s.given, ErrNoRepo), "'git bundle create' makes a bundle; for a file of the registry alone, there is 'ianasync sync --source'"}
	}
	if s.given, err = filepath.Abs(s.given); err != nil { // it might begin with "-"
		return err
	}
	return s.clone(ctx)
}

// bundle is how a bundle begins, in all versions of its format.
var bundle = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^# v[0-9] git bundle\n`) })

func (s *Source) clone(ctx context.Context) (err error) {
	if s.remove, err = os.MkdirTemp("", "ianasync-git-"); err != nil {
		return err
	}
	dir := filepath.Join(s.remove, "repo.git")
	_, err = command{}.output(ctx, nil, "clone", "--quiet", "--bare", "--", s.given, dir)
	if failed := new(commandError); errors.As(err, &failed) {
		if strings.Contains(failed.stderr, "does not appear to be a git repository") || strings.Contains(failed.stderr, "does not exist") {
			err = fmt.Errorf("%s: %w", s.shown(), ErrNoRepo)
		} else {
			err = fmt.Errorf("cloning %s: %s", s.shown(), failed.reason())
		}
		return hinted{err, "'git clone' of it must work, and must not ask for a password"}
	}
	s.git = command{dir: dir}
	return err
}

// shown returns the repository's name for messages, without credentials.
func (s *Source) shown() string {
	if isRemote(s.given) {
		return withoutCredentials(s.given)
	}
	return s.given
}

// Close removes what Open made.
func (s *Source) Close() error {
	if s.remove == "" {
		return nil
	}
	return os.RemoveAll(s.remove)
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// isRemote reports whether git would interpret s as a URL, or as host:path.
func isRemote(s string) bool {
	if strings.Contains(s, "://") {
		return true
	}
	host, _, found := strings.Cut(s, ":")
	return found && host != "" && !strings.HasPrefix(s, "-") && !strings.ContainsAny(host, `/\`) && filepath.VolumeName(s) == ""
}

func nameOf(repo string) string {
	if _, err := os.Stat(repo); err != nil && isRemote(repo) {
		return withoutCredentials(repo)
	}
	if abs, err := filepath.Abs(repo); err == nil {
		repo = abs
	}
	if base := filepath.Base(repo); base != ".git" {
		return base
	}
	return filepath.Base(filepath.Dir(repo))
}

func withoutCredentials(remote string) string {
	if u, err := url.Parse(remote); err == nil && u.Host != "" {
		u.User, u.RawQuery = nil, ""
		return u.String()
	}
	if scheme, rest, found := strings.Cut(remote, "://"); found { // a URL only to git
		rest = rest[strings.LastIndexByte(rest, '@')+1:]
		return scheme + "://" + rest
	}
	return remote // of host:path the user's name is no secret
}

// cleanPath returns the path of a file in a repository in git's form.
func cleanPath(name string) (string, error) {
	clean := path.Clean(filepath.ToSlash(name))
	if name == "" || clean == "." || !filepath.IsLocal(filepath.FromSlash(clean)) || strings.ContainsRune(name, 0) {
		return "", hinted{fmt.Errorf("%q is not the path of a file in a repository", name), "write it from the repository's root, with slashes"}
	}
	return clean, nil
}

// hinted is an error with a remediation hint.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }
func (h hinted) Hint() string  { return h.hint }
