package site

import "github.com/ianasync/ianasync/internal/publish/htmlprint"

// Parts that several kinds of pages have.

// writePath writes the links to the pages above a page, from the top.
func (p *page) writePath(w *htmlprint.Writer, above ...serviceLink) {
	w.Print(`<nav class="path" aria-label="Path">`)
	for i, a := range above {
		if i > 0 {
			w.Print(" › ")
		}
		w.Print(`<a href="{}{}">{}</a>`, p.Root, a.Address, a.Name)
	}
	w.Print("</nav>\n")
}

// writeTurn writes the links to the pages before and after a page, each nil where there is none.
func (p *page) writeTurn(w *htmlprint.Writer, what string, previous, next *serviceLink) {
	w.Print(`<nav class="turn" aria-label="{}">`, what)
	if previous != nil {
		w.Print(`<a rel="prev" href="{}{}">← {}</a>`, p.Root, previous.Address, previous.Name)
	}
	w.Print(" ")
	if next != nil {
		w.Print(`<a rel="next" href="{}{}">{} →</a>`, p.Root, next.Address, next.Name)
	}
	w.Print("</nav>\n")
}

// writeRecords writes what the registry has of a port or a service.
func (p *page) writeRecords(w *htmlprint.Writer, records []record) {
	if len(records) == 0 {
		return
	}
	w.Print(`<h2 id="record">In the registry</h2>
<div class="records">`)
	for i := range records {
		p.writeRecord(w, &records[i])
	}
	w.Print("</div>\n")
}

func (p *page) writeRecord(w *htmlprint.Writer, r *record) {
	w.Print(`
<article class="record">
<h3>`)
	p.writeLink(w, r.Name, r.Address)
	if r.At != "" {
		w.Print(` <span class="at">`)
		p.writeLink(w, r.At, r.Ports)
		w.Print("</span>")
	}
	w.Print("</h3>\n")
	if r.Description != "" {
		w.Print(`<p class="said">{}</p>`+"\n", r.Description)
	}
	if len(r.Lines) > 0 {
		w.Print("<dl>\n")
		for _, l := range r.Lines {
			w.Print("<div><dt>{}</dt><dd>", l.Column)
			if l.Column == "reference" {
				writeCell(w, r.Record.Reference)
			} else {
				w.Print("{}", l.Value)
			}
			w.Print("</dd></div>\n")
		}
		w.Print("</dl>\n")
	}
	if r.Unauthorized {
		w.Print(`<p class="warn">IANA reports unauthorized use; see above.</p>` + "\n")
	}
	if r.NotRecorded != "" {
		w.Print(`<p class="dim missing">{}.</p>`+"\n", r.NotRecorded)
	}
	w.Print("</article>")
}

// writeCell writes a cell with links to the RFCs that it names.
func writeCell(w *htmlprint.Writer, cell string) {
	for _, part := range parts(cell) {
		if part.URL != "" {
			w.Print(`<a href="{}">{}</a>`, part.URL, part.Text)
		} else {
			w.Print("{}", part.Text)
		}
	}
}

// writeLink writes a name, as a link if it has an address that is not the page's own.
func (p *page) writeLink(w *htmlprint.Writer, name, address string) {
	if address == "" || address == p.Address {
		w.Print("{}", name)
	} else {
		w.Print(`<a href="{}{}">{}</a>`, p.Root, address, name)
	}
}

func (t *timeline) write(w *htmlprint.Writer) {
	w.Print("\n" + `<h2 id="history">History</h2>` + "\n")
	if t.Unchanged != "" {
		w.Print("<p>{}</p>\n", t.Unchanged)
		return
	}
	w.Print(`<ol class="time">` + "\n")
	for i := range t.Moments {
		t.Moments[i].write(w)
	}
	w.Print(`<li><a href="{}"><time>{}</time></a><div><p>our history begins; what stood here then may be older</p></div></li>
</ol>
`, t.BeginsAt, t.Begins)
}

func (m *moment) write(w *htmlprint.Writer) {
	w.Print(`<li><a href="{}"><time>{}</time></a><div>`, m.Link, m.Day)
	if m.Between != "" {
		w.Print(`<p class="dim">{}</p>`, m.Between)
	}
	for _, sentence := range m.Sentences {
		w.Print("<p>{}</p>", sentence)
	}
	w.Print("</div></li>\n")
}

// writeSubscribe writes how to follow what the page is about, given the filter of messages about it.
func (p *page) writeSubscribe(w *htmlprint.Writer, subject, filter string) {
	w.Print(`<details class="subscribe"><summary>Subscribe to changes of {}</summary>
<p><a href="feed.atom">Atom feed</a> of {}; it has no entry until something happens. All changes: <a href="{}feed.atom">Atom</a>, <a href="{}feed.json">JSON Feed</a>.</p>
<dl class="commands"><dt>A webhook, called by ianasync for these changes alone</dt><dd><pre>ianasync watch --notify https://example.org/hook --notify-filter {}</pre></dd></dl>
<p>The <a href="https://github.com/ianasync/ianasync/blob/main/docs/action.md">GitHub Action</a> keeps a copy of the registry in a repository and reports each change in its job.</p>
</details>`, subject, subject, p.Root, p.Root, filter)
}

// writeNotes writes notes that are not from IANA.
func writeNotes(w *htmlprint.Writer, notes []shownNote) {
	if len(notes) == 0 {
		return
	}
	w.Print(`<section class="apart" aria-labelledby="notes"><h2 id="notes">What others say</h2>
<p class="dim">Not from IANA, and not part of the registry.</p>
<dl class="questions">
`)
	for _, n := range notes {
		w.Print(`<dt>{}</dt><dd>{} <span class="dim">Source: `, n.Ports, n.Text)
		if n.URL != "" {
			w.Print(`<a href="{}" rel="nofollow">{}</a>`, n.URL, n.Source)
		} else {
			w.Print("{}", n.Source)
		}
		w.Print("</span></dd>\n")
	}
	w.Print("</dl></section>\n")
}

// writeRows writes the table of ports and ranges.
func (p *page) writeRows(w *htmlprint.Writer, rows []blockRow) {
	w.Print(`<table class="runs stack">
<thead><tr><th scope="col">Port</th><th scope="col">Service</th><th scope="col">What it is</th></tr></thead>
<tbody>
`)
	for i := range rows {
		r := &rows[i]
		w.Print(`<tr id="{}"><th scope="row" class="{}">`, r.ID, r.State.String())
		p.writeLink(w, r.Ports, r.Address)
		for _, id := range r.Inside {
			w.Print(`<i id="{}"></i>`, id)
		}
		w.Print("</th><td>")
		for i, n := range r.Names {
			if i > 0 {
				w.Print(", ")
			}
			w.Print(`<a href="{}{}">{}</a> <small>{}</small>`, p.Root, n.Address, n.Name, n.On)
		}
		w.Print("</td><td>{}</td></tr>\n", r.What)
	}
	w.Print("</tbody>\n</table>\n")
}
