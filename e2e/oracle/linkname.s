// The compiler accepts functions without a body (record.go, hook.go, patch.go, status.go,
// plugin.go) only in a package that has an assembly file.
