package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"unsafe"

	"go.yaml.in/yaml/v3"

	plugin3 "helm.sh/helm/v3/pkg/plugin"
	_ "helm.sh/helm/v4/pkg/getter" // brings Helm 4's internal plugin package
)

// platformCommand has the memory layout of PlatformCommand in Helm 4's plugin/subprocess_commands.go.
type platformCommand struct {
	OperatingSystem string   `yaml:"os"`
	Architecture    string   `yaml:"arch"`
	Command         string   `yaml:"command"`
	Args            []string `yaml:"args"`
}

//go:linkname prepareCommands4 helm.sh/helm/v4/internal/plugin.PrepareCommands
func prepareCommands4(commands []platformCommand, expand bool, extra []string, env map[string]string) (string, []string, error)

// loadMetadata4 is called for its verdict alone: the type of its result cannot be named here.
//
//go:linkname loadMetadata4 helm.sh/helm/v4/internal/plugin.loadMetadata
func loadMetadata4(text []byte) (unsafe.Pointer, error)

// pluginCommand answers which program a plugin.yaml runs on this machine, with which arguments:
// "args" are the user's, "env" is the environment for expansion.
func pluginCommand(question []byte) (any, error) {
	q, err := read[struct {
		line
		Text string            `json:"text"`
		Args []string          `json:"args"`
		Env  map[string]string `json:"env"`
	}](question)
	if err != nil {
		return nil, err
	}
	if err := q.known(); err != nil {
		return nil, err
	}
	if q.Args == nil {
		q.Args = []string{}
	}
	var program string
	var arguments []string
	if q.Helm == 3 {
		program, arguments, err = pluginCommand3(q.Text, q.Args, q.Env)
	} else {
		program, arguments, err = pluginCommand4(q.Text, q.Args, q.Env)
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"program": program, "args": arguments}, nil
}

func pluginCommand3(text string, args []string, env map[string]string) (string, []string, error) {
	dir, err := os.MkdirTemp("", "oracle-plugin-")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, plugin3.PluginFileName), []byte(text), 0o600); err != nil {
		return "", nil, err
	}
	plugin, err := plugin3.LoadDir(dir)
	if err != nil {
		return "", nil, err
	}
	// Helm 3 expands from the process environment.
	for key, value := range env {
		if before, set := os.LookupEnv(key); set {
			defer os.Setenv(key, before)
		} else {
			defer os.Unsetenv(key)
		}
		if err := os.Setenv(key, value); err != nil {
			return "", nil, err
		}
	}
	return plugin.PrepareCommand(args)
}

func pluginCommand4(text string, args []string, env map[string]string) (string, []string, error) {
	if _, err := loadMetadata4([]byte(text)); err != nil {
		return "", nil, err
	}
	var manifest struct {
		PlatformCommand []platformCommand `yaml:"platformCommand"`
		Command         string            `yaml:"command"`
		IgnoreFlags     bool              `yaml:"ignoreFlags"`
		Config          struct {
			IgnoreFlags bool `yaml:"ignoreFlags"`
		} `yaml:"config"`
		RuntimeConfig struct {
			PlatformCommand []platformCommand `yaml:"platformCommand"`
		} `yaml:"runtimeConfig"`
	}
	if err := yaml.Unmarshal([]byte(text), &manifest); err != nil {
		return "", nil, err
	}
	commands := append(manifest.PlatformCommand, manifest.RuntimeConfig.PlatformCommand...)
	if len(commands) == 0 && manifest.Command != "" {
		commands = []platformCommand{{Command: manifest.Command}}
	}
	if len(commands) == 0 {
		return "", nil, errors.New("no plugin command is applicable")
	}
	if manifest.IgnoreFlags || manifest.Config.IgnoreFlags {
		args = []string{}
	}
	if env == nil {
		env = map[string]string{}
	}
	return prepareCommands4(commands, true, args, maps.Clone(env))
}
