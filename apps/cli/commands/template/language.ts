/** What a new repository holds of its language: something that builds and is tested with what a runner has already, and no dependency yet. */

export type RepositorySort = 'repository' | 'service' | 'library';

export interface Language {
  /** Name as Dependabot spells it. */
  readonly ecosystem: string;
  readonly test: string;
  /** Leaves what is released in `dist/`. */
  readonly build: string;
  readonly ignored: readonly string[];
  readonly files: (name: string, sort: RepositorySort) => Readonly<Record<string, string>>;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
/** `billing-api` → `BillingApi`, `billing_api`. */
const pascal = (name: string) =>
  name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string) => name.replaceAll('-', '_');

export const LANGUAGES: Readonly<Record<string, Language>> = {
  npm: {
    ecosystem: 'npm',
    test: 'npm ci --ignore-scripts && npm test',
    build: 'npm ci --ignore-scripts && mkdir -p dist && npm pack --pack-destination dist',
    ignored: ['node_modules/', 'dist/'],
    files: (name, sort) => ({
      'package.json': json({
        name,
        version: '0.1.0',
        type: 'module',
        ...(sort === 'library' ? {} : { private: true }),
        exports: './src/main.js',
        files: ['src/main.js'],
        engines: { node: '>=24' },
        scripts: { test: 'node --test' },
      }),
      'package-lock.json': json({
        name,
        version: '0.1.0',
        lockfileVersion: 3,
        requires: true,
        packages: { '': { name, version: '0.1.0', engines: { node: '>=24' } } },
      }),
      'src/main.js':
        sort === 'service'
          ? `import { createServer } from 'node:http';\n\nexport const answer = (path) => (path === '/health' ? 200 : 404);\n\nif (import.meta.main)\n  createServer((request, response) => response.writeHead(answer(request.url)).end()).listen(8080);\n`
          : 'export const greeting = (name) => `Hello, ${name}`;\n',
      'src/main.test.js': `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n${
        sort === 'service'
          ? "import { answer } from './main.js';\n\ntest('it is healthy', () => assert.equal(answer('/health'), 200));\n"
          : "import { greeting } from './main.js';\n\ntest('it greets', () => assert.equal(greeting('Ada'), 'Hello, Ada'));\n"
      }`,
    }),
  },
  python: {
    ecosystem: 'pip',
    test: 'python3 -m unittest discover -s tests -t .',
    build:
      'mkdir -p dist && python3 -m zipapp src --main "$(basename "$(ls -d src/*/)").main:main" --output dist/program.pyz',
    ignored: ['__pycache__/', '.venv/', 'dist/'],
    files: (name, sort) => ({
      'pyproject.toml': `[project]\nname = "${name}"\nversion = "0.1.0"\nrequires-python = ">=3.12"\ndependencies = []\n`,
      [`src/${snake(name)}/__init__.py`]: '',
      [`src/${snake(name)}/main.py`]:
        sort === 'service'
          ? 'from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer\n\n\ndef answer(path: str) -> int:\n    return 200 if path == "/health" else 404\n\n\nclass Handler(BaseHTTPRequestHandler):\n    def do_GET(self) -> None:\n        self.send_response(answer(self.path))\n        self.end_headers()\n\n\ndef main() -> None:\n    ThreadingHTTPServer(("", 8080), Handler).serve_forever()\n'
          : 'def greeting(name: str) -> str:\n    return f"Hello, {name}"\n\n\ndef main() -> None:\n    print(greeting("world"))\n',
      'tests/__init__.py': '',
      'tests/test_main.py': `import unittest\n\nfrom src.${snake(name)}.main import ${sort === 'service' ? 'answer' : 'greeting'}\n\n\nclass TestMain(unittest.TestCase):\n    def test_it(self) -> None:\n        ${sort === 'service' ? 'self.assertEqual(answer("/health"), 200)' : 'self.assertEqual(greeting("Ada"), "Hello, Ada")'}\n`,
    }),
  },
  go: {
    ecosystem: 'gomod',
    test: 'go vet ./... && go test ./...',
    build: 'mkdir -p dist && go build -trimpath -o dist/ ./...',
    ignored: ['dist/'],
    files: (name, sort) => ({
      'go.mod': `module example.com/${name}\n\ngo 1.24\n`,
      'main.go':
        sort === 'service'
          ? 'package main\n\nimport "net/http"\n\nfunc answer(path string) int {\n\tif path == "/health" {\n\t\treturn http.StatusOK\n\t}\n\treturn http.StatusNotFound\n}\n\nfunc main() {\n\thandler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(answer(r.URL.Path)) })\n\tif err := http.ListenAndServe(":8080", handler); err != nil {\n\t\tpanic(err)\n\t}\n}\n'
          : 'package main\n\nimport "fmt"\n\nfunc greeting(name string) string { return "Hello, " + name }\n\nfunc main() { fmt.Println(greeting("world")) }\n',
      'main_test.go':
        sort === 'service'
          ? 'package main\n\nimport "testing"\n\nfunc TestAnswer(t *testing.T) {\n\tif answer("/health") != 200 {\n\t\tt.Fatal("it is not healthy")\n\t}\n}\n'
          : 'package main\n\nimport "testing"\n\nfunc TestGreeting(t *testing.T) {\n\tif greeting("Ada") != "Hello, Ada" {\n\t\tt.Fatal("it does not greet")\n\t}\n}\n',
    }),
  },
  java: {
    ecosystem: 'maven',
    test: 'javac -d target src/*.java && java -ea -cp target MainTest',
    build:
      'mkdir -p dist && javac -d target src/Main.java && jar --create --file dist/main.jar --main-class Main -C target .',
    ignored: ['dist/', 'target/'],
    files: (name, sort) => ({
      'pom.xml': `<?xml version="1.0" encoding="UTF-8"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>com.example</groupId>\n  <artifactId>${name}</artifactId>\n  <version>0.1.0</version>\n</project>\n`,
      'src/Main.java':
        sort === 'service'
          ? 'import com.sun.net.httpserver.HttpServer;\nimport java.io.IOException;\nimport java.net.InetSocketAddress;\n\npublic class Main {\n    static int answer(String path) {\n        return path.equals("/health") ? 200 : 404;\n    }\n\n    public static void main(String[] arguments) throws IOException {\n        HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);\n        server.createContext("/", exchange -> {\n            exchange.sendResponseHeaders(answer(exchange.getRequestURI().getPath()), -1);\n            exchange.close();\n        });\n        server.start();\n    }\n}\n'
          : 'public class Main {\n    static String greeting(String name) {\n        return "Hello, " + name;\n    }\n\n    public static void main(String[] arguments) {\n        System.out.println(greeting("world"));\n    }\n}\n',
      'src/MainTest.java': `public class MainTest {\n    public static void main(String[] arguments) {\n        assert ${sort === 'service' ? 'Main.answer("/health") == 200' : 'Main.greeting("Ada").equals("Hello, Ada")'};\n    }\n}\n`,
    }),
  },
  dotnet: {
    ecosystem: 'nuget',
    test: 'dotnet restore --locked-mode && dotnet build --no-restore && dotnet run --no-build -- --test',
    build: 'dotnet restore --locked-mode && dotnet publish --no-restore --output dist',
    ignored: ['bin/', 'obj/', 'dist/'],
    files: (name, sort) => ({
      [`${pascal(name)}.csproj`]: `<Project Sdk="Microsoft.NET.Sdk${sort === 'service' ? '.Web' : ''}">\n  <PropertyGroup>\n    <OutputType>Exe</OutputType>\n    <TargetFramework>net8.0</TargetFramework>\n    <Nullable>enable</Nullable>\n    <ImplicitUsings>enable</ImplicitUsings>\n    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>\n    <RestorePackagesWithLockFile>true</RestorePackagesWithLockFile>\n  </PropertyGroup>\n</Project>\n`,
      'packages.lock.json': json({ version: 1, dependencies: { 'net8.0': {} } }),
      'Program.cs':
        sort === 'service'
          ? 'static int Answer(string path) => path == "/health" ? 200 : 404;\n\nif (args.Contains("--test")) return Answer("/health") == 200 ? 0 : 1;\n\nvar application = WebApplication.Create(args);\napplication.MapGet("/{**path}", (string? path) => Results.StatusCode(Answer("/" + path)));\napplication.Run("http://*:8080");\nreturn 0;\n'
          : 'static string Greeting(string name) => $"Hello, {name}";\n\nif (args.Contains("--test")) return Greeting("Ada") == "Hello, Ada" ? 0 : 1;\n\nConsole.WriteLine(Greeting("world"));\nreturn 0;\n',
    }),
  },
};
