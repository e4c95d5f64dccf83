package htmlprint

import (
	"html/template"
	"strconv"
	"strings"
	"testing"
)

// fragments are fragments with values, in every place that there is.
var fragments = []constant{
	"{}", "<p>{}</p>", "<title>{} · {}</title>", `<p class="{}" title="a {} b" data-root="{}" aria-label="{}">{}</p>`, `<meta name="description" content="{}">`,
	`<a href="{}">{}</a>`, `<a href="{}{}">{}</a>`, `<a href="{}{}#p{}">x</a>`, `<a href="{}x/?filter=RFC{}&amp;in={}">x</a>`, `<a href="https://example.org/{}/{}?{}">x</a>`, `<a href="#{}">x</a>`,
	`<img src="{}" width="{}" alt="">`, `<script src="{}site.js" defer></script><p>{}`, `<link rel="icon" href="{}icon.svg"> {}`, `<svg viewBox="0 0 {} {}"><path d="M{}"/></svg>`,
	`<input type="search" placeholder="5432, ssh …" hidden>{}`, "<pre>{}</pre>{} &lt; 1", `<td>{}</td><td data-label="in">{}</td>`,
}

// hostile is text that would act if it could.
var hostile = []string{
	"", "plain", "a & b", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "'+alert(1)+'", "</title><script>", "javascript:alert(1)", "JavaScript:alert(1)", " javascript:x", "java\nscript:x",
	"data:text/html,x", "vbscript:x", "mailto:a@b", "HTTPS://example.org/a b?c=d&e=ü#'()", "//example.org", "x/y:z", "a:b/c", "50%", "%2f%zz%2", "\x00\x01\x1b[31m", "\u202eevil\u2066", "\xff\xfe<", "{{.}}", "{}", "`${x}`",
	"\ufdd0\ufffe", "]]>", "<!--", "-->", "a|b`c`", "ü › –",
}

// TestLikeTemplate compares what is printed with what html/template writes.
func TestLikeTemplate(t *testing.T) {
	checked := 0
	for _, fragment := range fragments {
		for i := range hostile {
			like(t, fragment, hostile[i], hostile[(i*7+3)%len(hostile)])
			checked++
		}
	}
	if checked < 500 {
		t.Errorf("only %d texts were checked", checked)
	}
}

func FuzzLikeTemplate(f *testing.F) {
	for i, s := range hostile {
		f.Add(i, s, hostile[len(hostile)-1-i])
	}
	f.Fuzz(func(t *testing.T, i int, one, two string) {
		like(t, fragments[uint(i)%uint(len(fragments))], one, two)
	})
}

// templates are the fragments as templates.
var templates = make(map[constant]*template.Template)

// like compares a fragment with two values in turn.
func like(t *testing.T, fragment constant, one, two string) {
	t.Helper()
	parts := strings.Split(string(fragment), hole)
	if templates[fragment] == nil {
		text := parts[0]
		for i, part := range parts[1:] {
			text += "{{index . " + strconv.Itoa(i) + "}}" + part
		}
		templates[fragment] = template.Must(template.New("").Parse(text))
	}
	var strs []string
	var values []any
	for i := range parts[1:] {
		s := []string{one, two}[i%2]
		strs, values = append(strs, s), append(values, s)
	}
	var want strings.Builder
	if err := templates[fragment].Execute(&want, strs); err != nil {
		t.Fatal(err)
	}
	var w Writer
	w.Print(fragment, values...)
	if got := string(w.Bytes()); got != want.String() {
		t.Errorf("%s with %q and %q is\n%s\nhtml/template writes\n%s", fragment, one, two, got, want.String())
	}
}

func TestValues(t *testing.T) {
	data, err := NewJSON(map[string]string{"a": "</script><script>alert(1)</script>"})
	if err != nil {
		t.Fatal(err)
	}
	var w Writer
	w.Print(`<script type="application/ld+json">{}</script><p`, data)
	w.Print(` class="{}"`, 7)
	w.Print(" hidden>{} {} {}</p>", -1, uint16(65535), HTML("<b>"))
	const want = `<script type="application/ld+json">{"a":"\u003c/script\u003e\u003cscript\u003ealert(1)\u003c/script\u003e"}</script><p class="7" hidden>-1 65535 <b></p>`
	if got := string(w.Bytes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestFaults has fragments and values that must not be printed.
func TestFaults(t *testing.T) {
	data, err := NewJSON("x")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		fragment constant
		values   []any
		problem  string
	}{
		{"{}", nil, "more or fewer places"},
		{"{}", []any{"a", "b"}, "more or fewer places"},
		{"{}", []any{1.5}, "of a type"},
		{"{}", []any{data}, "of a type"},
		{`<p class="{}">`, []any{HTML("x")}, "of a type"},
		{`<a href="{}">`, []any{HTML("x")}, "of a type"},
		{`<script>{}</script>`, []any{"x"}, "of a type"},
		{`<script>{}</script>`, []any{7}, "of a type"},
		{`<script>var x = "{}";</script>`, []any{"x"}, "more than a value"},
		{`<script src="x">`, nil, "more than a value"},
		{`<script src="x"`, nil, "the end of a script element"},
		{`<style>{}</style>`, []any{"x"}, "an element that"},
		{`<textarea>`, nil, "an element that"},
		{`<{}>`, []any{"x"}, "a tag without a name"},
		{`<!-- {} -->`, []any{"x"}, "a tag without a name"},
		{`<p {}>`, []any{"x"}, "neither an attribute"},
		{`<p {}="x">`, []any{"x"}, "neither an attribute"},
		{`<p class={}>`, []any{"x"}, "without quotes"},
		{`<p class='{}'>`, []any{"x"}, "without quotes"},
		{`<p class="{}`, []any{"x"}, "the end of an attribute"},
		{`</p class="x">`, nil, "the end of a tag"},
		{`<p onclick="{}">`, []any{"x"}, "may have no value"},
		{`<p style="{}">`, []any{"x"}, "may have no value"},
		{`<form action="{}">`, []any{"x"}, "may have no value"},
		{`<img srcset="{}">`, []any{"x"}, "may have no value"},
		{`<iframe srcdoc="{}">`, []any{"x"}, "may have no value"},
		{`<p data="{}">`, []any{"x"}, "may have no value"},
		{`<a href="javascript:{}">`, []any{"x"}, "the scheme of a URL"},
		{`<a href="java{}">`, []any{"x"}, "the scheme of a URL"},
		{`<a href="{}a{}">`, []any{"x", "y"}, "the scheme of a URL"},
	} {
		if got := panics(func() { new(Writer).Print(f.fragment, f.values...) }); !strings.Contains(got, f.problem) {
			t.Errorf("%s: %q, want a panic with %q", f.fragment, got, f.problem)
		}
	}
}

// panics returns what a function panics with.
func panics(f func()) (with string) {
	defer func() { with, _ = recover().(string) }()
	f()
	return ""
}

func TestAllocations(t *testing.T) {
	var w Writer
	name, number := strings.Repeat("<a>", 3), len(hostile)*1000
	if n := testing.AllocsPerRun(100, func() {
		w.Reset()
		w.Print(`<a href="{}{}">{}</a>`, name, number, name)
	}); n > 0 {
		t.Errorf("a fragment takes %v allocations", n)
	}
}
