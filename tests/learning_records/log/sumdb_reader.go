// Reads a log from a folder as a client of C2SP tlog-tiles would, with the libraries of Go's checksum database.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proof struct {
	Index, Size int64
	Hashes      [][]byte
}

func must(err error) {
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

func read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(os.Args[1], name))
	must(err)
	return data
}

type folder struct{}

func (folder) Height() int                             { return 8 }
func (folder) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}
func (folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		all = append(all, read(strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
	}
	return all, nil
}

func main() {
	verifier, err := note.NewVerifier(string(read("vkey")))
	must(err)
	roots := map[int64]tlog.Hash{}
	tree := tlog.Tree{}
	names, _ := filepath.Glob(filepath.Join(os.Args[1], "checkpoint.*"))
	for _, name := range names {
		opened, err := note.Open(read(filepath.Base(name)), note.VerifierList(verifier))
		must(err)
		lines := strings.Split(opened.Text, "\n")
		size, err := strconv.ParseInt(lines[1], 10, 64)
		must(err)
		root, err := tlog.ParseHash(lines[2])
		must(err)
		roots[size] = root
		if size > tree.N {
			tree = tlog.Tree{N: size, Hash: root}
		}
	}
	hashes := tlog.TileHashReader(tree, folder{})
	for size, root := range roots {
		found, err := tlog.TreeHash(size, hashes)
		must(err)
		if found != root {
			must(fmt.Errorf("tiles give another root at %d", size))
		}
	}
	leaves := make([]tlog.Hash, 0, tree.N)
	for number := int64(0); number*256 < tree.N; number++ {
		tile := tlog.Tile{H: 8, L: 0, N: number, W: 256}
		if rest := tree.N - number*256; rest < 256 {
			tile.W = int(rest)
		}
		bundle := read(strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1))
		for len(bundle) > 0 {
			length := int(binary.BigEndian.Uint16(bundle))
			leaves = append(leaves, tlog.RecordHash(bundle[2:2+length]))
			bundle = bundle[2+length:]
		}
	}
	if int64(len(leaves)) != tree.N {
		must(fmt.Errorf("%d entries in the bundles", len(leaves)))
	}
	var inclusion, consistency []proof
	must(json.Unmarshal(read("inclusion.json"), &inclusion))
	must(json.Unmarshal(read("consistency.json"), &consistency))
	for _, p := range inclusion {
		must(tlog.CheckRecord(hashesOf(p), p.Size, roots[p.Size], p.Index, leaves[p.Index]))
		own, err := tlog.ProveRecord(p.Size, p.Index, hashes)
		must(err)
		same(own, p)
	}
	for _, p := range consistency {
		must(tlog.CheckTree(hashesOf(p), p.Size, roots[p.Size], p.Index, roots[p.Index]))
		own, err := tlog.ProveTree(p.Size, p.Index, hashes)
		must(err)
		same(own, p)
	}
	fmt.Println("accepted", len(roots), len(leaves), len(inclusion), len(consistency))
}

func hashesOf(p proof) []tlog.Hash {
	var all []tlog.Hash
	for _, raw := range p.Hashes {
		var hash tlog.Hash
		copy(hash[:], raw)
		all = append(all, hash)
	}
	return all
}

func same(own []tlog.Hash, p proof) {
	for i, hash := range own {
		if i >= len(p.Hashes) || !bytes.Equal(hash[:], p.Hashes[i]) {
			must(fmt.Errorf("proof %d/%d differs at %d: %s", p.Index, p.Size, i, base64.StdEncoding.EncodeToString(hash[:])))
		}
	}
	if len(own) != len(p.Hashes) {
		must(fmt.Errorf("proof %d/%d has %d hashes instead of %d", p.Index, p.Size, len(p.Hashes), len(own)))
	}
}
