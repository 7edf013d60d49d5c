package scimult_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	scimult "github.com/scimult/scimult-serve/clients/go"
)

// vector is an input file with its expected documents.
type vector struct {
	Name, File string
	Bytes      *string
	Base64     []byte
	Options    map[string]string
	Rows       []map[string]json.RawMessage
	Error      *struct {
		Line   int
		Reason string
	}
	Skipped []int
}

// vectors returns the test vectors of Tests/Documents in JSON Lines. SCIMULT_DOCUMENTS names the file.
func vectors(t *testing.T) []vector {
	path := os.Getenv("SCIMULT_DOCUMENTS")
	if path == "" {
		t.Skip("needs Tests/Documents/vectors.json: set SCIMULT_DOCUMENTS")
	}
	text, err := os.ReadFile(path)
	check(t, err)
	var file struct{ Vectors []vector }
	check(t, json.Unmarshal(text, &file))
	var lines []vector
	for _, each := range file.Vectors {
		name := strings.TrimSuffix(each.File, ".gz")
		isTable := strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".tsv")
		switch each.Options["format"] {
		case "csv":
			isTable = true
		case "jsonl":
			isTable = false
		}
		if !isTable {
			lines = append(lines, each)
		}
	}
	return lines
}

func (v *vector) content() []byte {
	if v.Bytes != nil {
		return []byte(*v.Bytes)
	}
	return v.Base64
}

// same reports whether a document equals a row of a vector.
func same(t *testing.T, document scimult.Document, row map[string]json.RawMessage) bool {
	var title, abstract, text string
	for name, target := range map[string]*string{"title": &title, "abstract": &abstract, "text": &text} {
		if value, isThere := row[name]; isThere {
			check(t, json.Unmarshal(value, target))
		}
	}
	if document.Title() != title || document.Abstract() != abstract || document.Text() != text {
		return false
	}
	var id any
	if raw, isRaw := row["id_text"]; isRaw {
		check(t, json.Unmarshal(raw, &id))
		return document.ID == id
	}
	check(t, json.Unmarshal(row["id"], &id))
	switch id := id.(type) {
	case nil:
		return document.ID == ""
	case string:
		return document.ID == id
	default:
		var got any
		return json.Unmarshal([]byte(document.ID), &got) == nil && reflect.DeepEqual(got, id)
	}
}

func TestDocumentVectors(t *testing.T) {
	all := vectors(t)
	if len(all) < 100 {
		t.Fatalf("%d vectors", len(all))
	}
	for _, each := range all {
		t.Run(each.Name, func(t *testing.T) {
			reader := scimult.NewDocumentReader(bytes.NewReader(each.content()))
			var documents []scimult.Document
			var skipped []int
			var failure error
			for failure == nil {
				document, err := reader.Next()
				var bad *scimult.LineError
				switch {
				case err == nil:
					documents = append(documents, document)
				case errors.As(err, &bad) && each.Skipped != nil:
					skipped = append(skipped, bad.Line)
				default:
					failure = err
				}
			}
			if each.Error != nil {
				var bad *scimult.LineError
				if !strings.Contains(failure.Error(), each.Error.Reason) ||
					errors.As(failure, &bad) && bad.Line != each.Error.Line {
					t.Errorf("%v, not line %d: %s", failure, each.Error.Line, each.Error.Reason)
				}
				return
			}
			if !errors.Is(failure, io.EOF) || len(documents) != len(each.Rows) || len(skipped) != len(each.Skipped) {
				t.Fatalf("%v: %d documents, not %d; skipped %v, not %v",
					failure, len(documents), len(each.Rows), skipped, each.Skipped)
			}
			for index, line := range skipped {
				if line != each.Skipped[index] {
					t.Errorf("skipped %v, not %v", skipped, each.Skipped)
				}
			}
			for index, document := range documents {
				if !same(t, document, each.Rows[index]) {
					t.Errorf("%+v, not %s", document, each.Rows[index])
				}
			}
		})
	}
}

func TestDocumentsOfJSON(t *testing.T) {
	var documents []scimult.Document
	text := `[{"_id": "MED-10", "title": "T", "text": "A"}, {"id": 7, "text": "a\u0000b"}, {"title": null}]`
	check(t, json.Unmarshal([]byte(text), &documents))
	expected := []scimult.Document{
		scimult.Paper("T", "A").WithID("MED-10"), scimult.Text("ab").WithID("7"), scimult.Paper("", ""),
	}
	if !reflect.DeepEqual(documents, expected) {
		t.Errorf("%+v", documents)
	}
	written, err := json.Marshal(documents)
	check(t, err)
	var again []scimult.Document
	check(t, json.Unmarshal(written, &again))
	if !reflect.DeepEqual(again, expected) {
		t.Errorf("%s", written)
	}
	for _, text := range []string{`{"id": 1}`, `{"text": 3}`, `"a"`, `{"abstract": "a", "text": "b"}`} {
		var document scimult.Document
		if err := json.Unmarshal([]byte(text), &document); err == nil {
			t.Errorf("%s is %+v", text, document)
		}
	}
}

func TestNestingWithoutEnd(t *testing.T) {
	input := `{"text": "a", "x": ` + strings.Repeat("[", 1<<20) + "\n" + `{"text": "b"}`
	reader := scimult.NewDocumentReader(strings.NewReader(input))
	if _, err := reader.Next(); err == nil || !strings.Contains(err.Error(), "nested more than 512 levels deep") {
		t.Error(err)
	}
	document, err := reader.Next()
	check(t, err)
	if document != scimult.Text("b") || reader.Line() != 2 {
		t.Errorf("line %d: %+v", reader.Line(), document)
	}
}

func TestWhatTheWireDoesNotCarryIsMended(t *testing.T) {
	ctx := testContext(t)
	client := dial(t, startServer(t))
	embeddings, err := client.Encode(ctx, scimult.Search, []scimult.Document{
		scimult.Text("a\x00b").WithID("x\x00\xff"), scimult.Text("ab"),
		scimult.Paper("angle \xff of", "\x00"), scimult.Paper("angle \ufffd of", ""),
	})
	check(t, err)
	if embeddings[0].ID != "x\ufffd" {
		t.Errorf("%q", embeddings[0].ID)
	}
	for _, index := range []int{0, 2} {
		if distance(embeddings[index], embeddings[index+1]) > 1e-5 {
			t.Errorf("documents %d and %d differ", index, index+1)
		}
	}
}
