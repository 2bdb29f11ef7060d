package cmd_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptForge changes a plan file and gives it the digest that belongs to it: a
// plan as another place or time would have made it.
func scriptForge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: forge FILE OLD NEW")
	}
	path := ts.MkAbs(args[0])
	raw, err := os.ReadFile(path)
	ts.Check(err)
	text := string(raw)
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	text = strings.Replace(text, args[1], args[2], 1)
	body := text[:strings.LastIndex(text, `"digest":`)]
	sum := sha256.Sum256([]byte(body))
	ts.Check(os.WriteFile(path, fmt.Appendf([]byte(body), "\"digest\":%q}\n", "sha256:"+hex.EncodeToString(sum[:])), 0o600))
}
