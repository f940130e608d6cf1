package report

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// browser is a Chromium, or skips the test.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium in PATH, in which the page would be opened; install chromium to run this test")
	return ""
}

// frames is a page that shows the report in frames as wide as a phone and as a desktop,
// light and dark, with its details closed or open, and writes what it finds.
const frames = `<!DOCTYPE html>
<meta charset="utf-8">
<body style="margin:0">
<script>
const found = [];
let waiting = 0;
for (const [width, scheme, open] of [[390, "light", false], [390, "dark", true], [1280, "light", true], [1280, "dark", false]]) {
	const f = document.createElement("iframe");
	f.style = "border:0;width:" + width + "px;height:1000px;color-scheme:" + scheme;
	f.src = "report.html";
	waiting++;
	f.onload = () => {
		const d = f.contentDocument, w = f.contentWindow;
		for (const e of d.querySelectorAll("details")) e.open = open;
		const ids = [...d.querySelectorAll("[id]")].map(e => e.id);
		const ink = w.getComputedStyle(d.body).color, ground = w.getComputedStyle(d.body).backgroundColor;
		found.push({
			width, scheme, open, ink, ground,
			scrolls: d.documentElement.scrollWidth,
			wide: [...d.querySelectorAll("body *")].filter(e => !e.closest(".scroll, figure, svg") &&
				e.getBoundingClientRect().right > 1 + (e.parentElement.closest(".card")?.getBoundingClientRect().right ?? width)).map(e => e.tagName + "." + e.className),
			unsaid: [...d.querySelectorAll(".scroll, figure.wide")].filter(e => e.scrollWidth > e.clientWidth + 1 &&
				![e.previousElementSibling, e.nextElementSibling].some(h => h && h.className == "hint" && h.offsetHeight > 0)).map(e => e.className),
			grounds: [...d.querySelectorAll("figure")].map(e => w.getComputedStyle(e).backgroundColor),
			filters: [...d.querySelectorAll("figure svg")].map(e => w.getComputedStyle(e).filter),
			drawn: [...d.querySelectorAll("figure svg")].map(e => e.getBoundingClientRect().width),
			twice: ids.filter((id, k) => ids.indexOf(id) != k),
			broken: [...d.querySelectorAll("a[href^='#']")].map(a => a.getAttribute("href").slice(1)).filter(id => !d.getElementById(id)),
			loaded: w.performance.getEntriesByType("resource").map(e => e.name).filter(name => !name.startsWith("data:")),
		});
		if (--waiting == 0) {
			const out = document.createElement("pre");
			out.id = "found";
			out.textContent = JSON.stringify(found);
			document.body.append(out);
		}
	};
	document.body.append(f);
}
</script>
`

// A frame is what the script of frames finds in one of them.
type frame struct {
	Width                               float64
	Scheme, Ink, Ground                 string
	Open                                bool
	Scrolls                             float64
	Wide, Unsaid, Twice, Broken, Loaded []string
	Grounds, Filters                    []string // of figures
	Drawn                               []float64
}

// check wants a page that fits its frame, with figures that can be read.
func (f frame) check(t *testing.T) {
	t.Helper()
	where := fmt.Sprintf("%v px, %s, details open %v", f.Width, f.Scheme, f.Open)
	if f.Scrolls > f.Width || len(f.Wide) > 0 {
		t.Errorf("%s: the page is %v px wide; beyond their cards are %v", where, f.Scrolls, f.Wide)
	}
	if len(f.Unsaid) > 0 {
		t.Errorf("%s: nothing says that these scroll: %v", where, f.Unsaid)
	}
	if len(f.Twice)+len(f.Broken)+len(f.Loaded) > 0 {
		t.Errorf("%s: identifiers used twice %v, links to nowhere %v, loaded %v", where, f.Twice, f.Broken, f.Loaded)
	}
	if len(f.Drawn) != 2 || f.Drawn[0] < 250 {
		t.Errorf("%s: figures as wide as %v", where, f.Drawn)
	}
	// Black on white, or what that becomes on the dark card.
	ground, filter := "rgb(255, 255, 255)", "none"
	if f.Scheme == "dark" {
		ground, filter = "rgba(0, 0, 0, 0)", "invert(0.88) hue-rotate(180deg)"
	}
	if !slices.Equal(f.Grounds, []string{ground, ground}) || !slices.Equal(f.Filters, []string{filter, filter}) {
		t.Errorf("%s: figures on %v, with filters %v", where, f.Grounds, f.Filters)
	}
	if f.Ink == f.Ground {
		t.Errorf("%s: ink and ground are both %s", where, f.Ink)
	}
}

func TestInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser, which takes seconds")
	}
	chromium := browser(t)
	b := newBench(t)
	g := paper(t, 2)
	b.run(g)
	b.report(g)
	profile := t.TempDir()
	visit := func(page string, args ...string) (out, log string) {
		t.Helper()
		var stdout, stderr strings.Builder
		cmd := exec.Command(chromium, append([]string{
			"--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--hide-scrollbars",
			"--disable-background-networking", "--no-first-run", "--enable-logging=stderr", "--user-data-dir=" + profile, "--timeout=20000",
		}, append(args, "file://"+filepath.Join(b.folder, page))...)...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		return stdout.String(), stderr.String()
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(b.folder, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("frames.html", frames)
	dom, log := visit("frames.html", "--dump-dom", "--window-size=1400,1000")
	for _, line := range strings.Split(log, "\n") {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("the console says: %s", line)
		}
	}
	text := regexp.MustCompile(`(?s)<pre id="found">(.*?)</pre>`).FindStringSubmatch(dom)
	if text == nil {
		t.Fatalf("the page did not load:\n%s\n%s", dom, log)
	}
	var found []frame
	if err := json.Unmarshal([]byte(html.UnescapeString(text[1])), &found); err != nil {
		t.Fatal(err)
	}
	if len(found) != 4 {
		t.Fatalf("%d of 4 frames loaded", len(found))
	}
	grounds := make(map[string]string)
	for _, f := range found {
		f.check(t)
		grounds[f.Scheme] = f.Ground
	}
	if grounds["light"] == grounds["dark"] {
		t.Errorf("light and dark are both on %s", grounds["light"])
	}

	// Two phones, light and dark, to look at: go test -artifacts keeps the picture.
	phone := `<iframe src="report.html" style="border:0;width:390px;height:1600px;color-scheme:%s"></iframe>`
	write("phones.html", `<!DOCTYPE html><body style="margin:0">`+fmt.Sprintf(phone+phone, "light", "dark"))
	shot := filepath.Join(t.ArtifactDir(), "phones.png")
	visit("phones.html", "--screenshot="+shot, "--window-size=800,1600")
	if info, err := os.Stat(shot); err != nil || info.Size() < 10000 {
		t.Errorf("no screenshot: %v", err)
	}
}
