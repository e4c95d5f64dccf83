package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the scripts' expected output")

// TestMain makes the test binary stand for two commands, in scripts and wherever else
// tests start it under their names: ianasync itself, and "exits STATUS ianasync …",
// which fails unless ianasync ends with just that exit status.
//
// Tests start with empty stores. Those of the built-in history set the variable to nothing. The settings of the user and
// of the system are hidden from git.
func TestMain(m *testing.M) {
	if err := errors.Join(os.Setenv("GIT_CONFIG_GLOBAL", os.DevNull), os.Setenv("GIT_CONFIG_NOSYSTEM", "1")); err != nil {
		panic(err)
	}
	const noHistory = "IANASYNC_NO_HISTORY"
	if _, set := os.LookupEnv(noHistory); !set {
		if err := os.Setenv(noHistory, "true"); err != nil {
			panic(err)
		}
	}
	testscript.Main(cleaning{m}, map[string]func(){
		"ianasync": func() { os.Exit(realMain(testWorld())) },
		"exits":    exits,
	})
}

// sharedFolder is for what several tests share. Whoever writes there makes it.
var sharedFolder = filepath.Join(os.TempDir(), fmt.Sprintf("ianasync-test-%d", os.Getpid()))

// cleaning runs tests, and removes [sharedFolder] after them.
type cleaning struct{ *testing.M }

// Run runs the tests.
func (c cleaning) Run() int {
	defer os.RemoveAll(sharedFolder)
	return c.M.Run()
}

// emptyStart is an environment in which stores start empty.
func emptyStart(name string) string {
	if name == "IANASYNC_NO_HISTORY" {
		return "true"
	}
	return ""
}

func exits() {
	want, err := strconv.Atoi(os.Args[1])
	if err != nil || os.Args[2] != "ianasync" {
		fmt.Fprintln(os.Stderr, "usage: exits STATUS ianasync …")
		os.Exit(100)
	}
	os.Args = os.Args[2:]
	if got := realMain(testWorld()); got != want {
		fmt.Fprintf(os.Stderr, "exit status %d, want %d\n", got, want)
		os.Exit(101)
	}
	os.Exit(0)
}

// testWorld is the process's world but for what a script sets: NOW is the time, and
// TERMINAL, if set, makes its streams terminals.
func testWorld() *world {
	w := processWorld()
	if now := os.Getenv("NOW"); now != "" {
		t, err := time.Parse(time.RFC3339, now)
		if err != nil {
			panic(err)
		}
		w.now = func() time.Time { return t }
	}
	w.terminal = os.Getenv("TERMINAL") != ""
	w.talkTerminal = w.terminal
	return w
}

// TestScripts runs the command's specification: testdata/script, a topic a file. What
// scripts may do besides testscript's own commands is documented at scriptCommands.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NOW", "2026-01-10T06:00:00Z")
			env.Setenv("PAGER", "cat")
			env.Values[sitesKey{}] = map[string]*site{}
			return nil
		},
		Cmds:      scriptCommands,
		Condition: condition,
	})
}

type sitesKey struct{}

func sites(ts *testscript.TestScript) map[string]*site {
	return ts.Value(sitesKey{}).(map[string]*site)
}

func siteOf(ts *testscript.TestScript, name string) *site {
	s := sites(ts)[name]
	if s == nil {
		ts.Fatalf("nothing serves %s", name)
	}
	return s
}

var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	// gen FILE EDIT... writes an edition of some 11,000 records: see book and edits.
	"gen": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), generate(args[1:]...), 0o666))
	},
	// serve NAME BEHAVIOUR ARGUMENT... makes a site behave so from now on, and starts it
	// if need be; $NAME is the registry's URL on it, $NAME_ADDRESS its address alone. See behaviours.
	"serve": func(ts *testscript.TestScript, _ bool, args []string) {
		s := sites(ts)[args[0]]
		if s == nil {
			s = &site{}
			sites(ts)[args[0]] = s
			ts.Defer(func() { _ = s.close() }) // it is only read from
		}
		ts.Check(s.behave(args[1], args[2:], func(file string) []byte { return []byte(ts.ReadFile(file)) }))
		ts.Setenv(args[0], s.URL())
		ts.Setenv(args[0]+"_ADDRESS", s.address)
	},
	// await NAME N waits until the site has been asked N times.
	"await": func(ts *testscript.TestScript, _ bool, args []string) {
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		ts.Check(siteOf(ts, args[0]).await(n))
	},
	// appears GLOB TEXT waits until any of the files has the text, for a minute at most.
	"appears": func(ts *testscript.TestScript, _ bool, args []string) {
		for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
			names, err := filepath.Glob(ts.MkAbs(args[0]))
			ts.Check(err)
			if slices.ContainsFunc(names, func(name string) bool {
				data, err := os.ReadFile(name)
				return err == nil && bytes.Contains(data, []byte(args[1]))
			}) {
				return
			}
		}
		ts.Fatalf("no file %s has %s", args[0], args[1])
	},
	// free NAME sets $NAME to an address that nothing listens on.
	"free": func(ts *testscript.TestScript, _ bool, args []string) {
		l, err := reserve("")
		ts.Check(err)
		ts.Setenv(args[0], l.Addr().String())
		ts.Check(l.Close())
	},
	// get URL STATUS REGEXP TO asks, until the answer is that, for a minute at most, and
	// writes the body to a file.
	"get": func(ts *testscript.TestScript, _ bool, args []string) {
		ts.Check(get(args[0], args[1], regexp.MustCompile(args[2]), ts.MkAbs(args[3])))
	},
	// answered NAME STATUS checks the status of the site's last answer.
	"answered": func(ts *testscript.TestScript, _ bool, args []string) {
		if got := strconv.Itoa(siteOf(ts, args[0]).lastStatus()); got != args[1] {
			ts.Fatalf("the last answer's status was %s", got)
		}
	},
	// indent FILE TO writes JSON for people.
	"indent": func(ts *testscript.TestScript, _ bool, args []string) {
		var b bytes.Buffer
		ts.Check(json.Indent(&b, []byte(ts.ReadFile(args[0])), "", "  "))
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o666))
	},
	// sub REGEXP WITH FILE TO replaces text.
	"sub": func(ts *testscript.TestScript, _ bool, args []string) {
		text := regexp.MustCompile(args[0]).ReplaceAllString(ts.ReadFile(args[2]), args[1])
		ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(text), 0o666))
	},
	// flip FILE alters one bit in the middle of a file.
	"flip": func(ts *testscript.TestScript, _ bool, args []string) {
		data := []byte(ts.ReadFile(args[0]))
		data[len(data)/2] ^= 1
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o666))
	},
	// valid SCHEMA FILE holds the JSON documents of a file against a schema.
	"valid": func(ts *testscript.TestScript, _ bool, args []string) {
		s, err := compileSchema(args[0] + ".schema.json")
		ts.Check(err)
		n, err := validate(s, ts.ReadFile(args[1]))
		if ts.Check(err); n == 0 {
			ts.Fatalf("%s has no JSON document", args[1])
		}
	},
	// list FOLDER TO writes the name, time and digest of each file but the lock and the
	// last check, the two that every sync may write.
	"list": func(ts *testscript.TestScript, _ bool, args []string) {
		var b strings.Builder
		ts.Check(list(&b, ts.MkAbs(args[0])))
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o666))
	},
	// tmpfs FOLDER SIZE mounts a small file system.
	"tmpfs": func(ts *testscript.TestScript, _ bool, args []string) {
		folder := ts.MkAbs(args[0])
		ts.Check(os.MkdirAll(folder, 0o777))
		out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+args[1], "tmpfs", folder).CombinedOutput()
		if err != nil {
			ts.Fatalf("mount: %v: %s", err, out)
		}
		ts.Defer(func() { ts.Check(exec.Command("umount", folder).Run()) })
	},
	// remount FOLDER ro|rw changes whether it can be written to.
	"remount": func(ts *testscript.TestScript, _ bool, args []string) {
		if out, err := exec.Command("mount", "-o", "remount,"+args[1], ts.MkAbs(args[0])).CombinedOutput(); err != nil {
			ts.Fatalf("mount: %v: %s", err, out)
		}
	},
	// fill FILE writes to a file until there is no room left.
	"fill": func(ts *testscript.TestScript, _ bool, args []string) {
		f, err := os.Create(ts.MkAbs(args[0]))
		ts.Check(err)
		defer f.Close()
		for block := make([]byte, 1<<16); len(block) > 0; {
			if _, err := f.Write(block); err != nil {
				block = block[:len(block)/2]
			}
		}
	},
}

func get(url, status string, like *regexp.Regexp, file string) (err error) {
	for range 3000 {
		var r *http.Response
		if r, err = http.Get(url); err == nil {
			var body []byte
			body, err = io.ReadAll(r.Body)
			r.Body.Close()
			switch {
			case err != nil:
			case strconv.Itoa(r.StatusCode) != status || !like.Match(body):
				err = fmt.Errorf("%s: %s", r.Status, body)
			default:
				return os.WriteFile(file, body, 0o666)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}

func list(b *strings.Builder, folder string) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".lock" || d.Name() == "checks.jsonl" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		fmt.Fprintf(b, "%s %s %x\n", filepath.ToSlash(name), info.ModTime().Format(time.RFC3339Nano), sha256.Sum256(data))
		return err
	})
}

// condition adds [mount]: whether file systems may be mounted here.
func condition(name string) (bool, error) {
	if name != "mount" {
		return false, fmt.Errorf("no such condition: %s", name)
	}
	folder, err := os.MkdirTemp("", "ianasync-test-")
	if err != nil {
		return false, err
	}
	defer os.Remove(folder)
	if exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder).Run() != nil {
		return false, nil
	}
	return true, errors.Join(exec.Command("umount", folder).Run())
}

// TestOneCommand holds that a command line that begins with a command's name has that command, and builds no other.
func TestOneCommand(t *testing.T) {
	for _, cmd := range newRoot(processWorld()).Commands() {
		only := newRoot(processWorld(), cmd.Name(), "--help").Commands()
		if len(only) != 1 || only[0].Name() != cmd.Name() {
			t.Errorf("%s: %d commands, the first %q", cmd.Name(), len(only), only[0].Name())
		}
	}
}
