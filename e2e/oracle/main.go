// Oracle answers what Go says: Helm's and Kubernetes' own libraries, asked over JSON lines.
//
// A question is one line {"id":1,"verb":"yaml",...}, its answer one line {"id":1,"ok":...} or
// {"id":1,"error":"..."}. Where bytes matter (numbers, key order, escapes) an answer carries JSON as
// a string, so that no reader in between can change it.
//
// What Helm does not export is called all the same, through go:linkname: an answer must be
// Helm's own code, not a copy of it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// verb answers one question; it gets the whole line and reads from it what it needs.
type verb func(question []byte) (any, error)

// verbs is the one place where a verb is made known.
var verbs = map[string]verb{
	"decode":              decodeRecord,
	"encode":              encodeRecord,
	"json":                goJSON,
	"plugin-command":      pluginCommand,
	"schemas":             schemas,
	"selector":            selectorMatches,
	"service-account-key": serviceAccountKey,
	"sort-hooks":          sortHooks,
	"sort-manifests":      sortManifests,
	"split":               splitObjects,
	"split-helm3":         splitHelm3,
	"split-helm4":         splitHelm4,
	"status":              objectStatus,
	"strategic-apply":     strategicApply,
	"three-way":           threeWay,
	"time":                formatTime,
	"time-decode":         timeDecode,
	"two-way":             twoWay,
	"values-yaml":         valuesYAML,
	"yaml":                readYAML,
}

type answer struct {
	ID    json.RawMessage `json:"id"`
	OK    any             `json:"ok,omitempty"`
	Error *string         `json:"error,omitempty"`
}

func main() {
	// Answers own the real stdout: what a library prints by itself must not come between them.
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	os.Stdout = os.Stderr
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			if writeErr := json.NewEncoder(out).Encode(respond(line)); writeErr != nil {
				fmt.Fprintln(os.Stderr, "oracle:", writeErr)
				os.Exit(1)
			}
			// Many questions may be on their way; flushing once per burst keeps batches fast.
			if in.Buffered() == 0 {
				if out.Flush() != nil {
					os.Exit(1)
				}
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "oracle:", err)
			os.Exit(1)
		}
	}
}

func respond(line []byte) (reply answer) {
	var head struct {
		ID   json.RawMessage `json:"id"`
		Verb string          `json:"verb"`
	}
	fail := func(text string) answer { return answer{ID: head.ID, Error: &text} }
	// A panic of Helm's is an answer too: Helm 3 would have crashed on this input.
	defer func() {
		if cause := recover(); cause != nil {
			fmt.Fprintf(os.Stderr, "oracle: %s: panic: %v\n%s", head.Verb, cause, debug.Stack())
			reply = fail(fmt.Sprintf("panic: %v", cause))
		}
	}()
	if err := json.Unmarshal(line, &head); err != nil {
		return fail("the question is not JSON: " + err.Error())
	}
	ask, known := verbs[head.Verb]
	if !known {
		return fail(fmt.Sprintf("unknown verb %q", head.Verb))
	}
	result, err := ask(line)
	if err != nil {
		return fail(err.Error())
	}
	return answer{ID: head.ID, OK: result}
}

// read fills a question's fields; T is what the verb wants to know.
func read[T any](question []byte) (T, error) {
	var fields T
	err := json.Unmarshal(question, &fields)
	return fields, err
}

// line says which of Helm's lines a question is about.
type line struct {
	Helm int `json:"helm"`
}

func (l line) known() error {
	if l.Helm != 3 && l.Helm != 4 {
		return fmt.Errorf("member \"helm\" must be 3 or 4, not %d", l.Helm)
	}
	return nil
}
