package snapshots_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/ianasync/ianasync/registry/ports"
	"github.com/ianasync/ianasync/snapshots"
)

// edition returns a file of the registry with a record for each service, on ports from 1 up.
func edition(services ...string) []byte {
	var b strings.Builder
	for i, c := range ports.Columns() {
		b.WriteString([]string{"", ","}[min(i, 1)] + c.Name)
	}
	for i, service := range services {
		fmt.Fprintf(&b, "\n%s,%d,tcp,,,,,,,,,", service, i+1)
	}
	return []byte(b.String() + "\n")
}

// store makes a store with two versions in a new folder.
func store() (dir string) {
	dir, err := os.MkdirTemp("", "store-")
	if err != nil {
		log.Fatal(err)
	}
	s, err := snapshots.OpenForWriting(context.Background(), dir, ports.ServiceNames(), time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	for day, data := range [][]byte{edition("tcpmux"), edition("tcpmux", "compressnet")} {
		_, _, err := s.Put(snapshots.Edition{
			Bytes: data, Seen: time.Date(2026, 1, 21+day, 6, 0, 0, 0, time.UTC), Source: "https://www.iana.org/…",
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	return dir
}

func ExampleStore_Put() {
	dir, err := os.MkdirTemp("", "store-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s, err := snapshots.OpenForWriting(context.Background(), dir, ports.ServiceNames(), time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	seen := time.Date(2026, 1, 22, 6, 0, 0, 0, time.UTC)
	for range 2 { // the second time there is nothing new
		v, added, err := s.Put(snapshots.Edition{Bytes: edition("tcpmux"), Seen: seen})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.ID, v.Records, added)
		seen = seen.AddDate(0, 0, 1)
	}
	// Output:
	// 20260122T060000Z 1 true
	// 20260122T060000Z 1 false
}

func ExampleOpen() {
	dir := store()
	defer os.RemoveAll(dir)
	s, err := snapshots.Open(dir, ports.ServiceNames())
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range s.Versions() {
		data, err := s.Bytes(v)
		if err != nil {
			log.Fatal(err)
		}
		table, err := ports.Parse(data)
		if err != nil {
			log.Fatal(err)
		}
		last := table.Records[len(table.Records)-1]
		fmt.Println(v.ID, last.ServiceName, last.Ports)
	}
	// Output:
	// 20260121T060000Z tcpmux 1
	// 20260122T060000Z compressnet 2
}

func ExampleStore_Resolve() {
	dir := store()
	defer os.RemoveAll(dir)
	s, err := snapshots.Open(dir, ports.ServiceNames())
	if err != nil {
		log.Fatal(err)
	}
	for _, spec := range []string{"latest", "latest~1", "2026-01-21", "2026-01", "20260122", "2020-01-01"} {
		v, err := s.Resolve(spec)
		if errors.Is(err, snapshots.ErrNoVersion) {
			fmt.Println(err)
			continue
		}
		fmt.Println(spec, v.ID)
	}
	// Output:
	// latest 20260122T060000Z
	// latest~1 20260121T060000Z
	// 2026-01-21 20260121T060000Z
	// 2026-01 20260122T060000Z
	// 20260122 20260122T060000Z
	// no such version: "2020-01-01" is before the oldest, 20260121T060000Z
}

func ExampleStore_Verify() {
	dir := store()
	defer os.RemoveAll(dir)
	s, err := snapshots.Open(dir, ports.ServiceNames())
	if err != nil {
		log.Fatal(err)
	}
	faults, err := s.Verify(context.Background(), snapshots.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range faults {
		fmt.Println(f.File, f.Note, f.Remedy)
	}
	// Output:
	// service-names-port-numbers/derived/state.json true wait
}
