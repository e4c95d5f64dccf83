package snapshots

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ianasync/ianasync/internal/layout"
	"github.com/ianasync/ianasync/registry"
)

// A store from elsewhere may hold symbolic links. Nothing is read or written through one, wherever it stands; only the
// store's own folder may be one.
func TestLinksAreRejected(t *testing.T) {
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(t.TempDir(), "link")); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{
		layout.Lock, layout.Store, layout.Checks, layout.Changelog, string(group), group.Versions(), group.Bytes(), group.Bytes() + "/2020",
		group.Blob(FormatID(at(0))), group.Quarantine(), group.Derived(), group.State(), group.Changes(), group.Table(string(group)),
	} {
		t.Run(name, func(t *testing.T) {
			dir, outside := t.TempDir(), t.TempDir()
			s := open(t, dir)
			importAll(t, s, edition(0, 0))
			if err := s.SetCheck(Check{Checked: at(0), Outcome: Changed}); err != nil {
				t.Fatal(err)
			}
			s.Close()
			target := filepath.Join(outside, "target")
			if err := move(filepath.Join(dir, name), target); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, outside)
			err := useAll(dir)
			if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "symbolic link") {
				t.Errorf("%v; want a fault of a link", err)
			}
			if diff := cmp.Diff(before, snapshot(t, outside)); diff != "" {
				t.Errorf("written outside the store:\n%s", diff)
			}
			r, err := Open(dir, testRegistry)
			if errors.Is(err, ErrCorrupt) {
				return // named even earlier
			}
			if err != nil {
				t.Fatal(err)
			}
			faults, err := r.Verify(t.Context(), Options{})
			if errors.Is(err, ErrCorrupt) {
				return
			}
			if err != nil || len(faults) == 0 || !strings.Contains(fmt.Sprint(faults), "symbolic link") {
				t.Errorf("faults %v, %v; want the link", faults, err)
			}
		})
	}
}

// move moves what is there, and makes a folder or a file where nothing is.
func move(from, to string) error {
	if _, err := os.Lstat(from); err == nil {
		return os.Rename(from, to)
	}
	if err := os.MkdirAll(filepath.Dir(from), 0o755); err != nil {
		return err
	}
	if filepath.Ext(from) == "" && !strings.HasPrefix(filepath.Base(from), ".") {
		return os.Mkdir(to, 0o755)
	}
	return os.WriteFile(to, []byte("precious"), 0o644)
}

// useAll does everything that writes to a store.
func useAll(dir string) (err error) {
	s, err := OpenForWriting(context.Background(), dir, testRegistry, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	_, _, put := s.Put(edition(1, 1))
	_, refused := s.Quarantine([]byte("body"), Rejection{Seen: at(1)})
	_, changelog := s.WriteDerived(layout.Changelog, []byte("changes"))
	_, table := s.WriteDerived(s.TableFile(), []byte("table"))
	_, changes := s.WriteDerived(group.ChangesOf("2020"), []byte("changes"))
	return errors.Join(put, refused, changelog, table, changes, s.DerivedDone("rules"), s.SetCheck(Check{Checked: at(1), Outcome: Changed}))
}

func TestTheStoreMayBeALink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "data")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	if err := useAll(link); err != nil {
		t.Fatal(err)
	}
	s, err := Open(link, testRegistry)
	if err != nil {
		t.Fatal(err)
	}
	wantDays(t, s, 1)
}

// The quarantine keeps the newest body of a reason, ten bodies and 5 MiB at most.
func TestQuarantineIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put := func(day int, reason string, body string) string {
		t.Helper()
		file, err := s.Quarantine([]byte(body), Rejection{Seen: at(day), Reason: reason})
		if err != nil {
			t.Fatal(err)
		}
		wantSound(t, s)
		return file
	}
	bodies := func() (list []string) {
		t.Helper()
		files, err := s.files(group.Quarantine(), withSuffix(bodySuffix))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			id, err := ParseID(strings.TrimSuffix(filepath.Base(f), bodySuffix))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, fmt.Sprint(int(id.Sub(day0).Hours())/24))
		}
		return list
	}
	for day := range 5 {
		put(day, fmt.Sprintf("it has %d records; the registry has at least 10000", 500*day), fmt.Sprintf("<html>%d", day))
	}
	if diff := cmp.Diff([]string{"4"}, bodies()); diff != "" {
		t.Errorf("one reason (-want +got):\n%s", diff)
	}
	for day := 5; day < 17; day++ {
		put(day, "reason "+strings.Repeat("x", day), fmt.Sprintf("body %d", day))
	}
	if diff := cmp.Diff([]string{"7", "8", "9", "10", "11", "12", "13", "14", "15", "16"}, bodies()); diff != "" {
		t.Errorf("many reasons (-want +got):\n%s", diff)
	}
	put(17, "big", strings.Repeat("x", 3<<20))
	put(18, "bigger", strings.Repeat("y", 3<<20))
	if got := bodies(); len(got) != 10 || got[9] != "18" || got[8] != "16" {
		t.Errorf("two large bodies: %v", got)
	}
	if file := put(19, "huge", strings.Repeat("z", 5<<20+1)); file != "" || len(bodies()) != 10 {
		t.Errorf("%s: a body that is too large is kept: %v", file, bodies())
	}
}

// Verify names no fault beside a writer, and the store that it opened is an old one soon.
func TestVerifyBesideAWriter(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	m := &machine{s: s}
	importAll(t, s, edition(0, 0))
	if err := m.makeDerived(); err != nil {
		t.Fatal(err)
	}
	s.Close()
	stop := make(chan struct{})
	var writing sync.WaitGroup
	defer writing.Wait()
	defer close(stop)
	writing.Go(func() {
		for day := 1; ; day++ {
			select {
			case <-stop:
				return
			default:
			}
			s, err := openForWriting(context.Background(), dir, testRegistry, time.Minute, plainDisk{})
			if err != nil {
				t.Error(err)
				return
			}
			_, _, put := s.Put(edition(day, day))
			err = errors.Join(put, (&machine{s: s}).makeDerived(), s.SetCheck(Check{Checked: at(day), Outcome: Changed}), s.Close())
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 10 {
		s, err := Open(dir, testRegistry)
		if err != nil {
			t.Fatal(err)
		}
		// A version that comes after opening, so that the table is another one than that of the newest version of s.
		waitForAnother(t, dir, s)
		s.patience = 100 * time.Millisecond
		faults, err := s.Verify(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range faults {
			if !f.Note {
				t.Errorf("%+v", f)
			}
		}
	}
}

func waitForAnother(t *testing.T, dir string, s *Store) {
	t.Helper()
	for {
		now, err := Open(dir, testRegistry)
		if err != nil {
			t.Fatal(err)
		}
		if len(now.Versions()) != len(s.Versions()) {
			return
		}
	}
}

// A fault that is one is named though another process holds the lock.
func TestVerifyWhileLocked(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	importAll(t, s, edition(0, 0), edition(1, 1))
	if err := os.Remove(filepath.Join(dir, group.Blob(FormatID(at(0))))); err != nil {
		t.Fatal(err)
	}
	r, err := Open(dir, testRegistry)
	if err != nil {
		t.Fatal(err)
	}
	r.patience = time.Millisecond
	faults, err := r.Verify(t.Context(), Options{})
	if err != nil || len(faults) == 0 || faults[0].File != group.Blob(FormatID(at(0))) || faults[0].Note {
		t.Errorf("%+v, %v", faults, err)
	}
}

// Repair clears away what stands in the place of a table, of a group with several, too.
func TestRepairTables(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenForWriting(t.Context(), dir, registry.NewGroup("colours"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	link := filepath.Join(dir, "colours", "web.csv")
	if err := os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), link); err != nil {
		t.Skip(err)
	}
	if _, err := s.WriteDerived("colours/web.csv", []byte("value\n")); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a link in its place: %v", err)
	}
	if err := s.Repair(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteDerived("colours/web.csv", []byte("value\n")); err != nil {
		t.Error(err)
	}
}

// Repair mends whatever may be derived again, of whatever type it is, and the checks and descriptions of refused bodies.
func TestRepair(t *testing.T) {
	for name, damage := range map[string]func(string) error{
		"a file for the derived files":   replaceBy(group.Derived(), "x"),
		"a folder for their state":       inPlace(group.State()),
		"a folder for the table":         inPlace(group.Table(string(group))),
		"a folder for the changelog":     inPlace(layout.Changelog),
		"no state":                       remove(group.State()),
		"a damaged state":                write(group.State()),
		"a damaged check":                replaceIn(layout.Checks, `"outcome"`, `"outcoma"`),
		"a damaged name in a check":      replaceIn(layout.Checks, string(group), "service"),
		"a damaged rejection":            replaceIn(group.Quarantine()+"/20200101T060000Z.json", `"seen"`, `"sean"`),
		"a rejection without its body":   remove(group.Quarantine() + "/20200101T060000Z.body"),
		"another body than was rejected": write(group.Quarantine() + "/20200101T060000Z.body"),
		"no .gitattributes":              remove(layout.GitAttributes),
		"another's .gitattributes":       replaceBy(layout.GitAttributes, "*.csv diff=csv"),
		"CRLF in .gitattributes":         replaceBy(layout.GitAttributes, "* -text\r\n"),
		"an overruled .gitattributes":    replaceBy(layout.GitAttributes, "* -text\n*.csv text eol=crlf\n"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			importAll(t, s, edition(0, 0), edition(1, 1))
			_, err := s.Quarantine([]byte("body"), Rejection{Seen: at(0), Reason: "because"})
			if err := errors.Join(err, (&machine{s: s}).makeDerived(), s.SetCheck(Check{Checked: at(1), Outcome: Changed}), s.Close(), damage(dir)); err != nil {
				t.Fatal(err)
			}
			r, err := Open(dir, testRegistry)
			if err != nil {
				t.Fatal(err)
			}
			faults, err := r.Verify(t.Context(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if name != "a folder for the changelog" && (len(faults) == 0 || faults[0].Note || faults[0].Remedy != Derive) {
				t.Errorf("before: %+v; want a fault with the remedy %s", faults, Derive)
			}
			s = open(t, dir)
			if err := errors.Join(s.Repair(), (&machine{s: s}).makeDerived(), s.Close()); err != nil {
				t.Fatal(err)
			}
			if r, err = Open(dir, testRegistry); err != nil {
				t.Fatal(err)
			}
			faults, err = r.Verify(t.Context(), Options{})
			for _, f := range faults {
				if f.Remedy != Move { // a folder with something in it was renamed
					t.Errorf("after: %+v", f)
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}
