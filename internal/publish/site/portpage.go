package site

import (
	"cmp"

	"github.com/ianasync/ianasync/internal/publish/htmlprint"
)

func (b *portBody) write(w *htmlprint.Writer, p *page) {
	number := b.Port.Port
	w.Print(`<nav class="path" aria-label="Path"><a href="{}port/">Ports</a> › <a href="{}{}#p{}">block of {}</a></nav>
<h1>{}</h1>
<p class="lead">`, p.Root, p.Root, b.Block, number, number, p.Title)
	for i, h := range b.Holders {
		if i > 0 {
			w.Print("<br>")
		}
		w.Print(`<a href="{}{}"><b>{}</b></a>`, p.Root, h.Address, h.Name)
		if h.What != "" {
			w.Print(": {}", h.What)
		}
	}
	if len(b.Holders) == 0 {
		w.Print("{}", b.Status)
	}
	w.Print("</p>\n" + `<ul class="badges" aria-label="By transport">` + "\n")
	for i := range b.Badges {
		b.Badges[i].write(w, p)
	}
	w.Print(`</ul>
<dl class="near">
<div><dt>free</dt><dd>{}</dd></div>
`, b.Free)
	if b.Since != "" {
		w.Print("<div><dt>since</dt><dd>{}</dd></div>\n", b.Since)
	}
	for _, report := range b.Reports {
		w.Print(`<div><dt>reported by IANA</dt><dd class="warn">{}</dd></div>`+"\n", report)
	}
	w.Print(`<div><dt>range</dt><dd>Port {} {}.</dd></div>
</dl>
<p class="advice">{}</p>
`, number, b.InRange, b.Advisory)
	p.writeSubscribe(w, b.Subject, b.Filter)
	b.Past.write(w)
	w.Print("\n")
	p.writeRecords(w, b.Records)
	b.writeBeside(w, p)
	w.Print(`<h2 id="questions">Questions</h2>
<dl class="questions">
`)
	for _, q := range b.Questions {
		w.Print("<dt>{}</dt><dd>{}</dd>\n", q.Ask, q.Answer)
	}
	w.Print("</dl>\n")
	if number != 0 {
		b.writeCommands(w)
	}
	writeNotes(w, b.Notes)
	w.Print(`<p class="links"><a href="data.json">Data as JSON</a></p>` + "\n")
}

func (b *badge) write(w *htmlprint.Writer, p *page) {
	w.Print(`<li class="{}"><b>{}</b> `, string(b.Status), string(b.Transport))
	for i, s := range b.Services {
		if i > 0 {
			w.Print(", ")
		}
		w.Print(`<a href="{}{}">{}</a>`, p.Root, s.Address, s.Name)
	}
	if len(b.Services) == 0 {
		w.Print("{}", cmp.Or(string(b.Status), "no entry"))
	}
	w.Print("</li>\n")
}

// writeBeside writes the neighbours of the port, and the nearest free ports.
func (b *portBody) writeBeside(w *htmlprint.Writer, p *page) {
	if len(b.Beside) == 0 && len(b.Nearest) == 0 {
		return
	}
	w.Print(`<h2 id="near">Beside it</h2>
<dl class="near">
`)
	if len(b.Beside) > 0 {
		w.Print("<div><dt>neighbours</dt><dd>")
		for i, n := range b.Beside {
			if i > 0 {
				w.Print(" · ")
			}
			w.Print(`<a href="{}port/{}/">{}</a> `, p.Root, n.Port, n.Port)
			for j, s := range n.Services {
				if j > 0 {
					w.Print(", ")
				}
				w.Print("{}", s.Name)
			}
		}
		w.Print("</dd></div>\n")
	}
	if len(b.Nearest) > 0 {
		w.Print("<div><dt>nearest free port{}</dt><dd>", plural(len(b.Nearest)))
		for i, n := range b.Nearest {
			if i > 0 {
				w.Print(" · ")
			}
			w.Print(`<a href="{}{}">{}</a>`, p.Root, n.Address, n.Port)
		}
		w.Print("</dd></div>\n")
	}
	w.Print("</dl>\n")
}

// writeCommands writes how to find the program that uses the port on a machine.
func (b *portBody) writeCommands(w *htmlprint.Writer) {
	number := b.Port.Port
	w.Print(`<h2 id="local">Which program uses port {} on this machine?</h2>
<dl class="commands">
<dt>Linux</dt><dd><pre>sudo ss -{}lpn 'sport = :{}'</pre></dd>
<dt>macOS, Linux</dt><dd><pre>sudo lsof -nP -i :{}</pre></dd>
<dt>Windows: the process id is the last column</dt><dd><pre>netstat -ano | findstr ":{} "</pre><pre>tasklist /fi "pid eq 1234"</pre></dd>
<dt>PowerShell: tcp, udp</dt><dd><pre>Get-Process -Id (Get-NetTCPConnection -LocalPort {}).OwningProcess</pre><pre>Get-Process -Id (Get-NetUDPEndpoint -LocalPort {}).OwningProcess</pre></dd>
</dl>
<p>No output means that nothing uses the port on this machine at that moment, and no more.</p>
`, number, b.Sockets, number, number, number, number, number)
}

// plural is the ending of a noun of which there are n.
func plural(n int) string {
	if n > 1 {
		return "s"
	}
	return ""
}
