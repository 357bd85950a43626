// Journal is the oracle for the tests of crates/state: it replays journals with the engine's own code.
//
// It reads one case per line from standard input and prints one line per case, in the same order:
//
//	{"base": DeploymentV3, "entries": [JournalEntry]}   replays
//	{"normalize": DeploymentV3}                         marshals only, so that both sides went the same way
//	{"verify": DeploymentV3}                            the same, and checks the integrity
//
// An answer is {"version", "features", "deployment"} or {"error"}; "integrity" is what VerifyIntegrity says.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/pulumi/pulumi/pkg/v3/backend"
	"github.com/pulumi/pulumi/pkg/v3/resource/stack/snapshot"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

type question struct {
	Base      *apitype.DeploymentV3  `json:"base"`
	Entries   []apitype.JournalEntry `json:"entries"`
	Normalize *apitype.DeploymentV3  `json:"normalize"`
	Verify    *apitype.DeploymentV3  `json:"verify"`
}

type answer struct {
	Version    int                   `json:"version,omitempty"`
	Features   []string              `json:"features,omitempty"`
	Deployment *apitype.DeploymentV3 `json:"deployment,omitempty"`
	Integrity  string                `json:"integrity,omitempty"`
	Error      string                `json:"error,omitempty"`
}

func reply(line []byte) (out answer) {
	// the engine dereferences what a malformed entry lacks
	defer func() {
		if cause := recover(); cause != nil {
			out = answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	var in question
	if err := json.Unmarshal(line, &in); err != nil {
		return answer{Error: "reading a case: " + err.Error()}
	}
	switch {
	case in.Normalize != nil:
		return answer{Deployment: settled(in.Normalize)}
	case in.Verify != nil:
		out := answer{}
		if err := snapshot.VerifyIntegrity(in.Verify); err != nil {
			out.Integrity = err.Error()
		}
		out.Deployment = settled(in.Verify)
		return out
	}
	replayer := backend.NewJournalReplayer(in.Base)
	for _, entry := range in.Entries {
		if err := replayer.Add(entry); err != nil {
			return answer{Error: err.Error()}
		}
	}
	made, err := replayer.GenerateDeployment()
	if err != nil {
		return answer{Error: err.Error()}
	}
	out = answer{Version: made.Version, Features: made.Features}
	// with the version that the caller's manifest has as well, the check is of the resources alone
	made.Deployment.Manifest.Magic = made.Deployment.Manifest.NewMagic()
	if err := snapshot.VerifyIntegrity(made.Deployment); err != nil {
		out.Integrity = err.Error()
	}
	out.Deployment = settled(made.Deployment)
	return out
}

// settled takes out what may differ between two runs of the engine itself: when and by what it was written, and the
// order of the operations under way, which is that of a Go map.
func settled(deployment *apitype.DeploymentV3) *apitype.DeploymentV3 {
	deployment.Manifest = apitype.ManifestV1{Time: time.Unix(0, 0).UTC()}
	text := func(operation apitype.OperationV2) []byte {
		out, err := json.Marshal(operation)
		if err != nil {
			panic(err)
		}
		return out
	}
	slices.SortFunc(deployment.PendingOperations, func(one, two apitype.OperationV2) int {
		return bytes.Compare(text(one), text(two))
	})
	return deployment
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	encoder := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := encoder.Encode(reply(line)); err != nil {
				fmt.Fprintln(os.Stderr, "writing an answer:", err)
				os.Exit(1)
			}
		}
		if err != nil {
			break
		}
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "writing the answers:", err)
		os.Exit(1)
	}
}
