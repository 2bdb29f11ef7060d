package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

func main() {
	schemas := flag.String("schemas", "", "folder with one folder of schemas per version")
	out := flag.String("out", "", "file to write")
	against := flag.String("compare", "", "file to compare with, in place of writing one; devPreview does not count")
	except := flag.String("except", "", "what may differ when comparing, such as \"MicrosoftTeams.Localization 1.27\", separated by commas")
	flag.Parse()
	work := func() error { return run(*schemas, *out) }
	if *against != "" {
		work = func() error { return compare(*schemas, *against, strings.Split(*except, ",")...) }
	}
	if err := work(); err != nil {
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

// compare fails when a table is not what the schemas say.
func compare(schemas, table string, except ...string) error {
	generated, err := generate(os.DirFS(schemas))
	if err != nil {
		return err
	}
	committed, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	found, err := differences(committed, generated)
	found = slices.DeleteFunc(found, func(f string) bool { return slices.Contains(except, strings.TrimSuffix(f, " has other rules")) })
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("the table is not what the schemas say: %s; run genrules -schemas %s -out %s", strings.Join(found, ", "), schemas, table)
	}
	return err
}
