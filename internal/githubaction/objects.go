package githubaction

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// bot is the author of all commits.
const bot = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>"

// draft is the ref that a commit is made on, which is gone when that is done.
const draft = "refs/ianasync/draft"

// write writes a commit on top of f.base and returns its id. Nothing leads to it yet.
func (f *Folder) write(ctx context.Context, changes []Change, message string, at time.Time) (id string, err error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "commit %s\nmark :1\n", draft)
	fmt.Fprintf(&b, "author %s %d +0000\ncommitter %[1]s %[2]d +0000\n", bot, at.Unix())
	writeData(&b, []byte(message))
	if f.base != "" {
		fmt.Fprintf(&b, "from %s\n", f.base)
	}
	for _, c := range changes {
		name := quoted.Replace(f.prefix + c.Name)
		if c.Is == nil {
			fmt.Fprintf(&b, "D \"%s\"\n", name)
			continue
		}
		fmt.Fprintf(&b, "M 100644 inline \"%s\"\n", name)
		writeData(&b, c.Is)
	}
	fmt.Fprintf(&b, "get-mark :1\nreset %s\nfrom %040d\n\ndone\n", draft, 0)
	text, err := f.run(ctx, &b, "fast-import", "--quiet", "--done")
	return strings.TrimSpace(text), err
}

func writeData(b *bytes.Buffer, data []byte) {
	fmt.Fprintf(b, "data %d\n", len(data))
	b.Write(data)
	b.WriteByte('\n')
}

// quoted is how fast-import wants a path between quotes.
var quoted = strings.NewReplacer("\\", "\\\\", "\"", "\\\"", "\n", "\\n")

// read returns what a commit has of the files, in their order; nil for those that it has not.
func (f *Folder) read(ctx context.Context, commit string, names []string) ([][]byte, error) {
	texts := make([][]byte, len(names))
	if commit == "" || len(names) == 0 {
		return texts, nil
	}
	var ask bytes.Buffer
	for _, name := range names {
		fmt.Fprintf(&ask, "%s:./%s\n", commit, name)
	}
	text, err := f.run(ctx, &ask, "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	for i := range texts { // "id blob SIZE", a line end, the bytes, a line end; or "name missing"
		var head string
		head, text, _ = strings.Cut(text, "\n")
		if strings.HasSuffix(head, " missing") {
			continue
		}
		size, err := strconv.Atoi(head[strings.LastIndexByte(head, ' ')+1:])
		if err != nil || size >= len(text) {
			return nil, fmt.Errorf("git cat-file: %q is no answer", head)
		}
		texts[i], text = []byte(text[:size]), text[size+1:]
	}
	return texts, nil
}
