//go:build ignore

// gen.go makes groups.txt anew from IANA's index of its registries, in which every link to /assignments/GROUP names a group.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
)

const index = "https://www.iana.org/protocols"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	request, err := http.NewRequest(http.MethodGet, index, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "ianasync (+https://github.com/ianasync/ianasync)") // IANA refuses clients without one
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(io.LimitReader(answer.Body, 16<<20))
	if err != nil || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s, %w", index, answer.Status, err)
	}
	var ids []string
	for _, link := range regexp.MustCompile(`href="(?:https?://www\.iana\.org)?/assignments/([A-Za-z0-9_.-]+)`).FindAllSubmatch(page, -1) {
		if id := string(link[1]); id != "enterprise-numbers" && id != "language-subtag-registry" { // which are no XML
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) < 500 {
		return fmt.Errorf("%s: only %d groups were found: has its form changed?", index, len(ids))
	}
	return os.WriteFile("groups.txt", []byte(strings.Join(ids, "\n")+"\n"), 0o644)
}
