package ianaxml_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/ianasync/ianasync/registry/ianaxml"
)

// BenchmarkRead reads two neighbouring editions of the service names registry from the bundle in ../shared.
func BenchmarkRead(b *testing.B) {
	const bundle = "../../../shared/corpus/service-names-xml.bundle"
	if _, err := os.Stat(bundle); err != nil {
		b.Skip("there is no corpus in ../shared")
	}
	dir := b.TempDir()
	git := func(args ...string) []byte {
		out, err := exec.Command("git", args...).Output()
		if err != nil {
			b.Fatalf("git %v: %v", args, err)
		}
		return out
	}
	git("clone", "--quiet", "--bare", bundle, dir+"/repo")
	const file = ":service-names-port-numbers/service-names-port-numbers.xml"
	old, new := git("-C", dir+"/repo", "show", "HEAD~6"+file), git("-C", dir+"/repo", "show", "HEAD"+file)
	before, err := ianaxml.Read(old)
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, f func() (*ianaxml.Group, error)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(new)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("Read", func() (*ianaxml.Group, error) { return ianaxml.Read(new) })
	run("Next", func() (*ianaxml.Group, error) { return before.Next(new) })
	run("Table", func() (*ianaxml.Group, error) { before.Registries[0].Table(); return nil, nil })
}
