package site

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ianasync/ianasync/registry/ports"
)

// serve serves a site below a path, as GitHub Pages does.
func serve(t *testing.T, files map[string][]byte) (url string) {
	t.Helper()
	const below = "/ports/"
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, found := strings.CutPrefix(r.URL.Path, below)
		if name == "" || strings.HasSuffix(name, "/") {
			name += "index.html"
		}
		data, known := files[name]
		if !found || !known {
			w.WriteHeader(http.StatusNotFound)
			data, name = files["404.html"], "404.html"
		}
		types := map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json"}
		w.Header().Set("Content-Type", types[filepath.Ext(name)])
		_, _ = w.Write(data)
	}))
	t.Cleanup(s.Close)
	return s.URL + below
}

// open starts a browser; without one the test is skipped.
func open(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("not looked at in a browser: it takes a while")
	}
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("not looked at in a browser: there is no chromium here")
	}
	// A click that follows a scroll must find the page at rest, and one before the page's first frame must not be dropped. The
	// browser's folder is not one of the test's: what outlives the browser may write there.
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1200, 900), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.Flag("allow-pre-commit-input", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

func do(ctx context.Context, t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// call is a command of the browser's protocol as a step.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, command, params)
		return err
	})
}

// eval returns what an expression is in the page.
func eval[T any](ctx context.Context, t *testing.T, expression string) (value T) {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// await waits until an expression is true in the page, which may be another one by then. That one is loaded: before, the
// browser forgets what was found in it.
func await(ctx context.Context, t *testing.T, expression string) {
	t.Helper()
	expression = `document.readyState === "complete" && (` + expression + `)`
	var err error
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		var is bool
		if is, err = chromedp.Run(ctx, chromedp.Evaluate[bool](expression, chromedp.EvalAwaitPromise)); is {
			return
		}
	}
	t.Fatalf("it is never true that %s (%v)", expression, err)
}

// browsed is the site of the small registry with the port that everybody looks up, a version a year for eight years.
func browsed(t *testing.T) map[string][]byte {
	t.Helper()
	var tables []*ports.Table
	add := func(t *ports.Table, more ...ports.Record) {
		records := slices.Concat([]ports.Record{rec("ncl", "2397", "tcp", "NCL"), rec("ncl", "2397", "udp", "NCL")}, more, t.Records)
		tables = append(tables, ports.NewTable(records))
	}
	for i := range 6 {
		add(before(), rec(fmt.Sprint("yearly-", i), fmt.Sprint(7000+i), "tcp", "Another each year"))
	}
	add(before())
	add(after(), rec("80-11", "", "", "A name that begins as a port"))
	in := inputSeen(t, func(i int) time.Time { return time.Date(2013+i, 12, 30, 6, 0, 0, 0, time.UTC) }, tables...)
	in.Notes = []Note{{Text: "Games borrow these.", Source: "https://example.org/"}}
	in.Notes[0].Ports, _ = ports.ParsePorts("2304-2900")
	in.Groups = []Group{groupOf(t, "suites", suites()...), groupOf(t, "numbers", numbers()...)}
	in.BaseURL = "https://example.org/ports/" // the page for what is not there needs the path
	return made(t, in)
}

// TestInBrowser uses the site as people do.
func TestInBrowser(t *testing.T) {
	url := serve(t, browsed(t))
	ctx := open(t)
	at := func(address string) string { return `location.href === ` + quoted(url+address) }

	t.Run("search", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url), chromedp.WaitVisible("#q"), chromedp.SendKeys("#q", "ncl"), chromedp.WaitVisible("#found a"))
		if got := eval[string](ctx, t, `document.querySelector("#found a").innerText`); !strings.Contains(got, "ncl") || !strings.Contains(got, "2397 tcp, udp") {
			t.Errorf("of ncl the search finds %q", got)
		}
		do(ctx, t, chromedp.SendKeys("#q", kb.Enter))
		await(ctx, t, at("service/ncl/")+` && document.querySelector('main a[href$="port/2397/"]') !== null`)
		do(ctx, t, chromedp.Evaluate[chromedp.Void](`document.querySelector('main a[href$="port/2397/"]').click()`))
		await(ctx, t, at("port/2397/"))
		for text, want := range map[string]string{
			"80": "Port 80 http, www HTTP; http 80 tcp, udp, sctp ; www 80 tcp HTTP; 80-11 no port A name that begins as a port", ":2397": "Port 2397 ncl ; ncl 2397 tcp, udp ",
			"65536": "", "nvm-e": "nvm-express no longer registered ", "portless": "portless no port No port at all", "whois++": "whois++ 63 tcp ",
			"50000":        "Port 50000 no entry 50000 is a Dynamic port (49152–65535): IANA never assigns these; anyone may use them temporarily.",
			"borrow games": "Ports 2304-2900 no entry Not from IANA: Games borrow these.", "htpp": "http 80 tcp, udp, sctp ; www 80 tcp HTTP",
		} {
			do(ctx, t, chromedp.Navigate(url+"?q="+neturl.QueryEscape(text)), chromedp.WaitVisible(".drop"))
			await(ctx, t, `[...document.querySelectorAll("#found a")].map(a => [...a.children].map(n => n.textContent).join(" ")).join("; ") === `+quoted(want))
		}
		await(ctx, t, `document.activeElement.id === "q"`)
	})
	t.Run("all registries", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url+"services/"), chromedp.WaitVisible("#q"), chromedp.SendKeys("#q", "0x0100"), chromedp.WaitVisible(".scope button"))
		await(ctx, t, `document.getElementById("remark").textContent.startsWith("No port or service has this, but") && document.querySelector("#found a b").textContent === "SUITE_GCM" && document.querySelector(".scope button").textContent === "Search all registries of IANA"`)
		do(ctx, t, chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#found a"))
		await(ctx, t, `[...document.querySelectorAll("#found a")].map(a => [...a.children].map(n => n.textContent).join("|")).join("; ") === "SUITE_GCM|0x01,0x00||Cipher Suites · Suite Parameters"`)
		await(ctx, t, `location.search === "?q=0x0100&in=all" && document.querySelector(".scope button").textContent === "Search ports and services alone" && document.activeElement.matches(".scope button")`)
		do(ctx, t, chromedp.Reload(), chromedp.WaitVisible("#found a"), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
		await(ctx, t, at("registry/suites/suites-4/#0x01,0x00")+` && document.querySelector("tr:target").cells[1].textContent === "SUITE_GCM"`)
		for text, want := range map[string]string{
			"suite_null": "registry/suites/suites-4/#0x00,0x01", "SUITE_NUL": "registry/suites/suites-4/#0x00,0x01", "suite_mull": "registry/suites/suites-4/#0x00,0x01", "80": "port/80/", "htpp": "service/http/",
			"cipher suites": "registry/suites/suites-4/", "suite parameters": "registry/suites/", "main": "registry/numbers/#main-2", "alert 1": "registry/suites/~47roups~2ex/",
		} {
			do(ctx, t, chromedp.Navigate(url+"?in=all&q="+neturl.QueryEscape(text)), chromedp.WaitVisible(".drop"))
			await(ctx, t, `document.querySelector("#found a")?.href === `+quoted(url+want))
		}
		do(ctx, t, chromedp.Navigate(url+"registry/suites/?q=gcm"), chromedp.WaitVisible("#found a"), chromedp.Click(".scope button"))
		await(ctx, t, `location.search === "?q=gcm&in=ports" && document.getElementById("remark").textContent.startsWith("Nothing")`)
		do(ctx, t, chromedp.Focus("#q"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#found a")) // with no hit, the key widens the search
	})
	t.Run("scope changed while lists load", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url), chromedp.WaitVisible("#q"), chromedp.SendKeys("#q", "80"), chromedp.WaitVisible("#found a"),
			chromedp.Evaluate[chromedp.Void](`globalThis.held = []; document.head.append = (tag) => held.push(tag)`), chromedp.Click(".scope button"), chromedp.Click(".scope button"))
		await(ctx, t, `held.length === 2 && document.querySelector(".find").dataset.scope === "ports"`)
		do(ctx, t, chromedp.Evaluate[chromedp.Void](`globalThis.loads = 0; document.head.addEventListener("load", () => loads++, true); delete document.head.append; document.head.append(...held)`))
		await(ctx, t, `globalThis.ianasyncGroups !== undefined && loads === 2 + ianasyncGroups.lists.length`)
		if got := eval[string](ctx, t, `document.getElementById("found").innerText`); !strings.Contains(got, "Port 80") || strings.Contains(got, "Ports and services") {
			t.Errorf("with a search of all registries under way, that of the ports finds %q", got)
		}
	})
	t.Run("keys", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url+"service/ncl/"), chromedp.WaitVisible("#q"), chromedp.Evaluate[chromedp.Void](`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true}))`))
		await(ctx, t, `document.activeElement.id === "q" && document.getElementById("q").value === ""`)
		do(ctx, t, chromedp.KeyEvent("80"), chromedp.WaitVisible("#found a"), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowUp))
		await(ctx, t, `document.querySelector("[aria-selected=true]") === document.querySelectorAll("#found a")[1] && document.getElementById("q").getAttribute("aria-activedescendant") === "hit1"`)
		do(ctx, t, chromedp.KeyEvent(kb.Escape))
		await(ctx, t, `document.querySelector(".drop").hidden && document.getElementById("q").getAttribute("aria-expanded") === "false"`)
		do(ctx, t, chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
		await(ctx, t, at("service/www/"))
	})
	t.Run("port without a page", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url+"port/50000/"), chromedp.WaitVisible("#lost"))
		await(ctx, t, `document.querySelector("h1").textContent === "Port 50000" && document.getElementById("lost").textContent.includes("50000 is a Dynamic port")`)
		do(ctx, t, chromedp.Click("#lost a"))
		await(ctx, t, at("block/49920/#p50000"))
		await(ctx, t, `document.getElementById("about-port").textContent.includes("50000 is a Dynamic port") && getComputedStyle(document.querySelector("tr:has(:target)")).outlineStyle === "solid"`)
		do(ctx, t, chromedp.Navigate(url+"service/htpp/"), chromedp.WaitVisible("#lost"))
		await(ctx, t, `document.querySelector("#lost a").href === `+quoted(url+"service/http/"))
	})
	t.Run("two dates", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url+"compare/?from=2019-12-30&to=2020-12-30&with=nvm"), chromedp.WaitVisible("#list li"))
		await(ctx, t, `document.getElementById("sum").textContent === "1 renamed after 2019-12-30 up to 2020-12-30."`)
		await(ctx, t, `document.querySelector("#list a[href$='service/nvme/']").textContent === "nvm-express"`)
		do(ctx, t, chromedp.Evaluate[chromedp.Void](`document.getElementById("kind").value = "deassigned"; document.getElementById("with").value = ""; document.getElementById("with").dispatchEvent(new Event("input", {bubbles: true}))`))
		await(ctx, t, `location.search === "?from=2019-12-30&to=2020-12-30&kind=deassigned" && document.getElementById("sum").textContent.startsWith("1 deassigned")`)
	})
	t.Run("two dates of any registry", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url+"registry/suites/suites-4/"), chromedp.WaitVisible(`.ways a[href*="compare"]`), chromedp.Click(`.ways a[href*="compare"]`))
		await(ctx, t, `document.getElementById("in").selectedOptions[0].textContent.trim() === "Cipher Suites"`)
		do(ctx, t, chromedp.WaitVisible("#compare"))
		do(ctx, t, chromedp.Navigate(url+"compare/?from=2020-01-01&to=2020-01-31&in=suites%2Fsuites-4"), chromedp.WaitVisible("#list li"))
		await(ctx, t, `document.getElementById("sum").textContent === "1 updated, 1 assigned after 2020-01-01 up to 2020-01-31." && document.querySelectorAll("#list li").length === 2`)
		await(ctx, t, `[...document.querySelectorAll("#list li:last-child a")].map(a => a.pathname + a.hash + " " + a.textContent).join("; ").replaceAll("/ports/", "") ===
			"week/2020-01-06/#suites-20200106T060000Z 2020-01-06; registry/suites/suites-4/ Cipher Suites; registry/suites/suites-4/#0x01,0x00 SUITE_GCM"`)
		do(ctx, t, chromedp.Evaluate[chromedp.Void](`document.getElementById("in").value = "all"; document.getElementById("kind").value = "assigned"; document.getElementById("kind").dispatchEvent(new Event("input", {bubbles: true}))`))
		await(ctx, t, `location.search === "?from=2020-01-01&to=2020-01-31&kind=assigned&in=all" && document.getElementById("sum").textContent === "3 assigned after 2020-01-01 up to 2020-01-31." &&
			[...document.querySelectorAll("#list .dim")].map(p => p.textContent).join() === "Suite Parameters,Suite Parameters,Numbers"`)
		do(ctx, t, chromedp.Navigate(url+"compare/?from=2020-02-01&in=suites"), chromedp.WaitVisible("#sum button"), chromedp.Click("#sum button"), chromedp.WaitVisible("#list li"))
		await(ctx, t, `location.search === "?from=2013-12-30&in=suites" && document.querySelectorAll("#list li").length === 2`)
		do(ctx, t, chromedp.Navigate(url+"compare/?from=2019-12-29&in=all"), chromedp.WaitVisible("#list li"))
		await(ctx, t, `document.getElementById("list").textContent.includes("Ports and services") && document.getElementById("list").textContent.includes("Suite Parameters")`)
		do(ctx, t, chromedp.Evaluate[chromedp.Void](`ianasyncRegistriesYear(2020, {kinds: ["published", "assigned"], registries: [["suites/suites-4", "Suites", "registry/suites/suites-4/"]], versions: [{group: "suites", id: "20200106T060000Z", week: "2020-01-06",
			changes: [[0, 0, "A", " (1): now X", "a"], [0, 0, "B", " (2): now X"], [0, 0, "C", " (3): now Y", "c"], [1, 0, "D", " is new: now X"], [1, 0, "E", " is new: now X"]]}]});
			document.getElementById("kind").dispatchEvent(new Event("input", {bubbles: true}))`))
		await(ctx, t, `[...document.querySelectorAll("#list .kind")].map(k => k.parentElement.textContent).join("; ").includes("published Suites: now X, in 2 records: A (1), B (2); published Suites: C (3): now Y; assigned Suites: D is new: now X; assigned Suites: E")`)
		await(ctx, t, `[...document.querySelectorAll("#list a")].some(a => a.textContent === "A" && a.href.endsWith("/registry/suites/suites-4/#a"))`)
	})
	t.Run("newest", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url+"service/whois~2b~2b/"), chromedp.WaitVisible("footer"))
		await(ctx, t, `document.querySelector("footer").textContent.includes("is the same since version 20131230T060000Z; the newest is 20201230T060000Z")`)
	})
	t.Run("map", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url), chromedp.WaitVisible("#map[tabindex]"), chromedp.Focus("#map"))
		do(ctx, t, chromedp.KeyEvent(strings.Repeat(kb.ArrowDown, 2397/256)+strings.Repeat(kb.ArrowRight, 2397%256)))
		await(ctx, t, `document.querySelector("#map .tip").textContent === "Port 2397: ncl"`)
		do(ctx, t, chromedp.KeyEvent("+"))
		await(ctx, t, `document.getElementById("map").getBoundingClientRect().width > 1.9 * document.querySelector(".mapbox").getBoundingClientRect().width`)
		do(ctx, t, chromedp.KeyEvent(kb.Enter))
		await(ctx, t, at("port/2397/"))
		do(ctx, t, chromedp.Navigate(url), chromedp.WaitVisible("#map"))
		for where, address := range map[int]string{2397: "port/2397/", 30000: "block/29952/#p30000"} {
			do(ctx, t, chromedp.Navigate(url), chromedp.WaitVisible("#map"), chromedp.ScrollIntoView("#map"))
			type box struct{ X, Y, Width, Height float64 }
			b := eval[box](ctx, t, `(() => { const {x, y, width, height} = document.getElementById("map").getBoundingClientRect(); return {X: x, Y: y, Width: width, Height: height}; })()`)
			x, y := b.X+(float64(where%256)+.5)*b.Width/256, b.Y+(float64(where/256)+.5)*b.Height/256
			if y > 900 || y < 0 {
				do(ctx, t, chromedp.Evaluate[chromedp.Void](`scrollBy(0, `+quoted(y-450)+`)`))
				y = eval[float64](ctx, t, `document.getElementById("map").getBoundingClientRect().y`) + (float64(where/256)+.5)*b.Height/256
			}
			do(ctx, t, chromedp.MouseClickXY(x, y))
			await(ctx, t, at(address))
		}
	})
	t.Run("copy", func(t *testing.T) {
		for _, name := range []string{"clipboard-read", "clipboard-write"} {
			grant := browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, Origin: strings.TrimSuffix(url, "/ports/")}
			if _, err := chromedp.CallBrowser(ctx, browser.SetPermission, grant); err != nil {
				t.Fatal(err)
			}
		}
		do(ctx, t, chromedp.Navigate(url+"port/2397/"), chromedp.Evaluate[chromedp.Void](`{ const button = document.querySelector("#local + .commands button");
			globalThis.said = []; new MutationObserver(() => said.push(button.textContent)).observe(button, {childList: true}); }`), chromedp.Click("#local + .commands button"))
		await(ctx, t, `said[0] === "Copied"`) // for two seconds
		await(ctx, t, `navigator.clipboard.readText().then(text => text.includes("2397"))`)
		if n := eval[int](ctx, t, `document.querySelectorAll(".commands button").length`); n < 4 {
			t.Errorf("%d buttons copy, want one a command", n)
		}
	})
	t.Run("lost", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url+"port/999999/"), chromedp.WaitVisible("main a"))
	})
	t.Run("layers", func(t *testing.T) {
		do(ctx, t, chromedp.Navigate(url), chromedp.WaitVisible("#layer-age"), chromedp.Click("#layer-age"))
		await(ctx, t, `getComputedStyle(document.querySelector("img.layer-age")).display !== "none" && getComputedStyle(document.querySelector("img.layer-status")).display === "none"`)
	})
}

// TestTableInBrowser filters and sorts the table of a registry.
func TestTableInBrowser(t *testing.T) {
	in := withGroups(t, before())
	long := suites()
	var records strings.Builder
	for i := range 12 {
		fmt.Fprintf(&records, "<record><value>0x%02X</value><description>ROW%d</description></record>", 0x11-i, i)
	}
	in.Groups[0] = groupOf(t, "suites", strings.Replace(long[0], "<range>", records.String()+"<range>", 1))
	url := serve(t, made(t, in))
	ctx := open(t)
	shown := `[...document.querySelectorAll(".records tbody tr:not([hidden])")].map(row => row.cells[1].textContent.slice(0, 9)).join(" ")`
	do(ctx, t, chromedp.Navigate(url+"registry/suites/suites-4/?filter=row1"), chromedp.WaitVisible("#filter"))
	await(ctx, t, shown+` === "ROW1 ROW10 ROW11" && document.querySelector(".filter output").textContent === "3 of 16"`)
	await(ctx, t, `[...document.querySelectorAll(".records tbody tr")].every(row => row.querySelector("th .self").hash === "#" + row.id)`)
	do(ctx, t, chromedp.Click(".records thead th:first-child button"))
	await(ctx, t, shown+` === "ROW11 ROW10 ROW1" && document.querySelector(".records th").getAttribute("aria-sort") === "ascending"`)
	do(ctx, t, chromedp.Click(".records thead th:first-child button"), chromedp.Click(".records thead th:first-child button"))
	await(ctx, t, shown+` === "ROW1 ROW10 ROW11" && !document.querySelector("[aria-sort]")`)
	do(ctx, t, chromedp.Evaluate[chromedp.Void](`document.getElementById("filter").value = "suite_null y"; document.getElementById("filter").dispatchEvent(new Event("input"))`))
	await(ctx, t, shown+` === "SUITE_NUL" && location.search === "?filter=suite_null+y"`)
	do(ctx, t, chromedp.Navigate(url+"registry/?filter="), chromedp.WaitVisible("summary"))
}

func quoted(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// kinds are pages of each kind.
var kinds = []string{
	"", "port/2397/", "port/80/", "port/4420/", "block/", "block/2304/", "service/ncl/", "service/nvm-express/", "services/", "services/n/", "version/", "version/20201230T060000Z/", "year/", "year/2019/", "about/", "404.html", "port/", "data/", "changelog/", "compare/", "compare/?in=all&from=2019-01-01",
	"registry/", "registry/suites/", "registry/suites/suites-4/", "registry/suites/~47roups~2ex/", "registry/numbers/", "week/", "week/2020-01-06/", "temporary/", "rfc/", "rfc/9846/",
}

// TestLooks looks at a page of each kind, on a telephone and in both colour schemes: nothing is wider than the
// screen, axe finds nothing that keeps anybody out, and the key Tab reaches everything.
func TestLooks(t *testing.T) {
	url := serve(t, browsed(t))
	ctx := open(t)
	axe := axeScript(t)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{360, 1200} {
			do(ctx, t, chromedp.EmulateViewport(width, 900), call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
			for _, page := range kinds {
				do(ctx, t, chromedp.Navigate(url+page), chromedp.WaitReady("main"))
				if wide := eval[int64](ctx, t, `document.documentElement.scrollWidth`); wide > width {
					t.Errorf("%s: %d wide on a screen of %d", page, wide, width)
				}
				if axe != "" {
					accessible(ctx, t, axe, fmt.Sprintf("%s, %s, %d wide", page, scheme, width))
				}
				if scheme == "light" && width == 1200 {
					reachable(ctx, t, page)
				}
			}
		}
	}
}

// reachable holds that the key Tab leads to all that can be used on the page, and that each has an outline then.
func reachable(ctx context.Context, t *testing.T, where string) {
	t.Helper()
	stops := eval[int](ctx, t, `(() => {
		globalThis.reached = new Set();
		globalThis.unseen = [];
		addEventListener("focusin", ({target}) => {
			const {outlineStyle, outlineWidth} = getComputedStyle(target);
			if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) unseen.push(target);
			reached.add(target);
		});
		document.activeElement.blur();
		globalThis.usable = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")].filter(e =>
			e.checkVisibility() && !e.disabled && e.tabIndex >= 0 && !(e.type === "radio" && !e.checked));
		return usable.length + 5 * document.querySelectorAll("input[type=date]").length; // a date has stops within
	})()`)
	do(ctx, t, chromedp.KeyEvent(strings.Repeat(kb.Tab, stops+1)))
	for _, fault := range eval[[]string](ctx, t, `[...usable.filter(e => !reached.has(e)).map(e => "is not reached: " + e.outerHTML), ...unseen.map(e => "has no outline: " + e.outerHTML)].map(s => s.slice(0, 200))`) {
		t.Errorf("%s: by the keyboard %s", where, fault)
	}
	if stops < 8 {
		t.Errorf("%s: %d elements can be used, want the links of each page at least", where, stops)
	}
}

// accessible holds that axe finds nothing on the page.
func accessible(ctx context.Context, t *testing.T, axe, where string) {
	t.Helper()
	faults, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](axe+`; axe.run().then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html).slice(0, 2).join(" ")))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Errorf("%s: %s", where, f)
	}
}

// TestLooksOfSearch looks at the search with results.
func TestLooksOfSearch(t *testing.T) {
	url := serve(t, browsed(t))
	ctx := open(t)
	axe := axeScript(t)
	for _, scheme := range []string{"light", "dark"} {
		do(ctx, t, chromedp.EmulateViewport(360, 900), call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
		for _, page := range []string{"?q=80", "service/ncl/?q=htpp", "port/?q=suite&in=all"} {
			do(ctx, t, chromedp.Navigate(url+page), chromedp.WaitVisible("#found a"), chromedp.KeyEvent(kb.ArrowDown))
			if wide := eval[int64](ctx, t, `document.documentElement.scrollWidth`); wide > 360 {
				t.Errorf("%s: %d wide on a screen of 360", page, wide)
			}
			if axe != "" {
				accessible(ctx, t, axe, page+", "+scheme)
			}
		}
	}
}

// TestChartOnATelephone wants the chart of years to begin with the newest where not all have room.
func TestChartOnATelephone(t *testing.T) {
	url := serve(t, browsed(t))
	ctx := open(t)
	do(ctx, t, chromedp.EmulateViewport(360, 900), chromedp.Navigate(url+"year/"), chromedp.WaitReady(".chart"))
	if !eval[bool](ctx, t, `(() => { const box = document.querySelector(".wide"), last = [...document.querySelectorAll(".chart text")].at(-1);
		return box.scrollWidth > box.clientWidth && last.textContent === "2020" && last.getBoundingClientRect().right <= box.getBoundingClientRect().right })()`) {
		t.Error("the newest year is not to be seen")
	}
}

// axeScript returns axe-core's script, or nothing where npm has not installed it.
func axeScript(t *testing.T) string {
	t.Helper()
	for _, dir := range filepath.SplitList(os.Getenv("NODE_PATH")) {
		if data, err := os.ReadFile(filepath.Join(dir, "axe-core", "axe.min.js")); err == nil {
			return string(data)
		}
	}
	t.Log("not looked at by axe: there is no axe-core in NODE_PATH (npm installs it)")
	return ""
}

// TestWithoutScripts reads the site with scripts off: all is there, but the search.
func TestWithoutScripts(t *testing.T) {
	url := serve(t, browsed(t))
	ctx := open(t)
	do(ctx, t, call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}), chromedp.Navigate(url), chromedp.WaitVisible(`noscript a[href$="services/"]`), chromedp.WaitVisible("img.layer-status"),
		chromedp.WaitNotPresent("input#q"), chromedp.Click(`noscript a[href$="services/"]`))
	for _, link := range []string{"services/n/", "service/ncl/", "port/2397/"} {
		await(ctx, t, `document.querySelector('main a[href$="`+link+`"]') !== null`)
		do(ctx, t, chromedp.Click(`main a[href$="`+link+`"]`))
	}
	await(ctx, t, `location.href === `+quoted(url+"port/2397/"))
}

// TestOpenedAsFiles opens the pages from a disk.
func TestOpenedAsFiles(t *testing.T) {
	dir := t.TempDir()
	for name, data := range browsed(t) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	ctx := open(t)
	do(ctx, t, chromedp.Navigate("file://"+filepath.ToSlash(dir)+"/index.html"), chromedp.WaitVisible("#q"), chromedp.SendKeys("#q", "ncl"), chromedp.WaitVisible("#found a"), chromedp.SendKeys("#q", kb.Enter))
	await(ctx, t, `location.pathname.endsWith("/service/ncl/index.html")`)
	do(ctx, t, chromedp.Click(`main a[href$="port/2397/"]`))
	await(ctx, t, `location.pathname.endsWith("/port/2397/index.html")`)
	do(ctx, t, chromedp.SendKeys("#q", "suite_gcm"), chromedp.WaitVisible(".scope button"), chromedp.Click(".scope button"), chromedp.WaitVisible("#found a"), chromedp.SendKeys("#q", kb.Enter))
	await(ctx, t, `location.pathname.endsWith("/registry/suites/suites-4/index.html") && location.hash === "#0x01,0x00"`)
}
