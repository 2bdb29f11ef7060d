package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	schemas := flag.String("schemas", "", "folder with one folder of schemas per version")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if err := run(*schemas, *out); err != nil {
		fmt.Fprintln(os.Stderr, "genrules:", err)
		os.Exit(1)
	}
}

func run(schemas, out string) error {
	if schemas == "" || out == "" {
		return fmt.Errorf("-schemas and -out are needed")
	}
	table, err := generate(os.DirFS(schemas))
	if err != nil {
		return err
	}
	return os.WriteFile(out, table, 0o644)
}
