package githubaction

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ianasync/ianasync/internal/layout"
)

// Runner is what runs a job's steps and takes their messages.
type Runner struct {
	Stdout io.Writer                // of the step
	Getenv func(name string) string // by which the runner names its files
}

// Report writes the outputs, the summary and the annotations.
func (r *Runner) Report(f *Finding, c Conclusion) error {
	summary := []byte(Cut(f.Summary(c), SummaryLimit, "The rest does not fit here: it is in the store, in "+layout.Changelog+"."))
	file := filepath.Join(cmp.Or(r.Getenv("RUNNER_TEMP"), os.TempDir()), "ianasync-summary.md")
	if err := os.WriteFile(file, summary, 0o666); err != nil {
		return err
	}
	var outputs bytes.Buffer
	if err := WriteOutputs(&outputs, rand.Reader, f.Outputs(file)); err != nil {
		return err
	}
	annotations := f.Annotations(c)
	return errors.Join(
		r.appendTo("GITHUB_STEP_SUMMARY", summary), r.appendTo("GITHUB_OUTPUT", outputs.Bytes()),
		r.Annotate(Error, annotations[Error]), r.Annotate(Warning, annotations[Warning]), r.Annotate(Notice, annotations[Notice]),
	)
}

// Annotate writes messages of a level as annotations of the run. It is meant to be called once for a level.
func (r *Runner) Annotate(level Level, messages []string) error {
	return Annotate(r.Stdout, level, "ianasync", messages)
}

// appendTo appends to the file that an environment variable names. Outside a workflow there
// is none.
func (r *Runner) appendTo(variable string, data []byte) (err error) {
	name := r.Getenv(variable)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

// Output is a value that later steps of a job can use.
type Output struct{ Name, Value string }

// WriteOutputs writes outputs as the file $GITHUB_OUTPUT has them, each between lines with
// a delimiter from random, which no value can know.
func WriteOutputs(w io.Writer, random io.Reader, outputs []Output) error {
	secret := make([]byte, 16)
	if _, err := io.ReadFull(random, secret); err != nil {
		return err
	}
	end := "end_" + hex.EncodeToString(secret)
	var b strings.Builder
	for _, o := range outputs {
		fmt.Fprintf(&b, "%s<<%s\n%s\n%s\n", o.Name, end, o.Value, end)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// SummaryLimit is how many bytes of a step's summary GitHub takes; of a longer one it shows
// nothing.
const SummaryLimit = 1<<20 - 1

// Cut returns as many whole lines of text as fit into limit bytes, with the line rest
// below them, if it does not fit itself.
func Cut(text string, limit int, rest string) string {
	if len(text) <= limit {
		return text
	}
	rest = "\n" + rest + "\n"
	room := max(0, limit-len(rest))
	return text[:strings.LastIndexByte(text[:room], '\n')+1] + rest
}

// Level is how much an annotation matters.
type Level string

// The levels of annotations.
const (
	Notice  Level = "notice"
	Warning Level = "warning"
	Error   Level = "error"
)

// MaxAnnotations is how many annotations of a level GitHub shows of a step.
const MaxAnnotations = 10

// Annotate writes annotations, at most [MaxAnnotations]: where there are more messages, the
// last one counts those left out. It is meant to be called once for a level.
func Annotate(w io.Writer, level Level, title string, messages []string) error {
	if left := len(messages) - MaxAnnotations + 1; left > 1 {
		messages = append(messages[:MaxAnnotations-1:MaxAnnotations-1], fmt.Sprintf("and %d more: see the summary", left))
	}
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "::%s title=%s::%s\n", level, escapeProperty.Replace(title), escapeMessage.Replace(m))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// The runner undoes just these.
var (
	escapeMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Inert returns a writer of lines for people in which the runner finds no order: neither
// at the beginning of a line (::set-output …) nor in the middle (##[set-output …], which
// it still knows). Every Write must be of whole lines.
func Inert(w io.Writer) io.Writer { return inert{w} }

type inert struct{ to io.Writer }

func (w inert) Write(p []byte) (int, error) {
	text := strings.ReplaceAll(string(p), "##[", "## [")
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") {
			line = "> " + line
		}
		if _, err := io.WriteString(w.to, line); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
