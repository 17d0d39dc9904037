# Adds Cablestream to a Rails application that uses importmap, esbuild, webpack, rollup, bun or vite:
#
#     bin/rails app:template LOCATION=https://app.example/cable-events/-/rails.rb
#
# It adds the script, a small file (cablestream/setup.js) that installs it for every Action Cable client, and at the
# top of each entry one line that imports this file; with importmap also two pins. It changes nothing else. Run again,
# it updates what it added. If it can't do all of this, it changes nothing and exits with status 1.
#
#     BRIDGE=https://events.app.example/bridge    the bridge's address for pages; default: the path in LOCATION
#     UNDO=1                                      removes what was added, without a request to the bridge
require "digest"

location = ENV.fetch("LOCATION")
base = location[%r{\A(https?://.+)/-/rails\.rb\z}, 1]
bridge = ENV["BRIDGE"] || (base ? base[%r{\Ahttps?://[^/]+(/.+)}, 1] || base : "/cable-events")
stop = ->(reason) { abort "Not done, nothing was changed: #{reason}" }
stop.("BRIDGE=#{bridge} is neither a path nor an http address.") unless bridge.match?(%r{\A(https?:/)?/[!#-\[\]-~]*\z})

# The layout.
vite = JSON.parse(File.read("config/vite.json")) if File.exist?("config/vite.json")
root = vite ? vite.dig("all", "sourceCodeDir") || "app/frontend" : "app/javascript"
# An application that went on to a bundler may have kept the importmap's file.
bundled = vite || (File.exist?("package.json") && JSON.parse(File.read("package.json")).dig("scripts", "build"))
importmap = "config/importmap.rb" if !bundled && File.exist?("config/importmap.rb")
stop.("there is neither config/importmap.rb nor a package.json.") unless importmap || File.exist?("package.json")
setup = "#{root}/cablestream/setup.js"
script = importmap ? "vendor/javascript/cablestream.js" : "#{root}/cablestream/cablestream.js"
types = "#{root}/cablestream/cablestream.d.ts" unless importmap
ours = [script, types, setup].compact
sources = Dir["#{root}/**/*.{js,ts,jsx,tsx,mjs}"].sort.grep_v(/\.d\.ts\z/) - ours
entry = importmap ? /application/ : %r{application|(entrypoints|packs)/[^/]+}
read = ->(file) { File.binread(file) if File.file?(file) }

# Files that are added begin with this line. Its digest tells whether the lines below it were edited.
digest = ->(text) { Digest::SHA256.hexdigest(text.delete("\r"))[0, 16] }
sign = lambda do |text, version|
  "// Cablestream #{version}, MIT licence, added by its Rails template. Digest: #{digest.(text)}\n#{text}".b
end
added = %r{\A// Cablestream (\S+), .* Digest: (\h+)}
edited = ->(text) { text[added, 2] != digest.(text.lines.drop(1).join) }

# The import in an entry, in the style of the file. What has to be first stays above it: a byte order mark, #!, comments
# except those about the next line, and directives such as "use strict".
import = %r{(^|(?<=\xEF\xBB\xBF))import (["'])[./~@]*cablestream/setup(\.js)?\2;?[ \t]*(//.*)?(\R|\z)?}n
above = %r{
  \A(\xEF\xBB\xBF)?(\#!.*\R)?
  ((?!.*(-next-line|@ts-ignore|@ts-expect-error)) [ \t]* (//.* | (?>/\*(?m:.*?)\*/) | ["']use[ ]\w+["'];?)? [ \t]*\R)*
}nx
import_for = lambda do |file, text|
  name = importmap ? "cablestream/setup" : "#{File.dirname(file) == root ? "." : ".."}/cablestream/setup.js"
  quote = text[/^import\b[^"'\n]*(["'])/, 1] || text[/["']/] || '"'
  "import #{quote}#{name}#{quote}#{";" if text.match?(/;[ \t]*\r?$/)} // keep this first#{text[/\r?\n/] || "\n"}"
end
pin = %r{^pin ["'](cablestream(?:/setup)?)["'].*(\R|\z)}

# What each file is to have; nil for none.
wanted = {}
if ENV.key?("UNDO")
  found = ours.select { |file| read.(file)&.match?(added) }
  left, removed = found.partition { |file| edited.(read.(file)) }
  removed.each { |file| wanted[file] = nil }
  sources.each { |file| wanted[file] = read.(file).gsub(import, "") } if found.any?
  wanted[importmap] = read.(importmap).gsub(pin, "") if found.any? && importmap
else
  fetch = lambda do |name|
    file = "#{File.dirname(location)}/#{name}"
    base ? URI.parse(file).open(&:read) : File.read(file)
  rescue StandardError => error
    stop.("#{file} can't be read: #{error.message}.")
  end
  code = fetch.("cablestream.js")
  stop.("#{File.dirname(location)}/cablestream.js isn't Cablestream's script.") unless code.include?("class CableSocket")
  version = fetch.("package.json")[/"version": "(.+?)"/, 1]
  wanted[script] = sign.(code, version)
  wanted[types] = sign.(fetch.("cablestream.d.ts"), version) if types
  wanted[setup] = sign.(<<~JS, version)
    //
    // Where WebSockets don't work, all Action Cable clients in the page, Turbo's and AnyCable's included, use the
    // bridge at this address. Import this file before any other: a client keeps the WebSocket class that it finds
    // when its module is loaded.
    import { CableSocket } from "#{importmap ? "cablestream" : "./cablestream.js"}"

    CableSocket.install("#{bridge}")
  JS

  # An edited file isn't replaced. Options may have been added to the call, if it has the right address.
  left = ours.select { |file| (text = read.(file)) && edited.(text) }
  left.each do |file|
    call = read.(file)[/^CableSocket\.install\(.*/]
    stop.("#{file} was edited. Restore or delete it, then run this again.") unless file == setup && call
    wanted.delete(file)
    next if call[/["'](.*?)["']/, 1] == bridge
    stop.("#{file} was edited, and its address isn't #{bridge}. Change it, then run this again:\n\n    #{call}")
  end

  imported = sources.select { |file| read.(file).match?(import) }
  entries = imported | sources.grep(%r{\A#{root}/(#{entry})\.\w+\z}).reject { |file| read.(file).match?(%r{^//= require}) }
  line = import_for.("#{root}/application.js", "")
  stop.("there is no entry that can import, such as #{root}/application.js. Add this line at the top of yours, then " \
        "run this again:\n\n    #{line}") if entries.empty?
  late = imported.find { |file| !read.(file).sub(above, "")[/^import(?!\s*\(|\s+type\b).*/n]&.match?(import) }
  stop.("in #{late} the import of cablestream/setup has to stand above all others.") if late
  entries.each do |file|
    text = read.(file)
    wanted[file] = imported.include?(file) ? text : text.sub(above) { |top| top + import_for.(file, text) }
  end
  if importmap
    text = read.(importmap)
    missing = %w[cablestream cablestream/setup] - text.scan(pin).map(&:first)
    pins = missing.map { |name| "pin \"#{name}\"#{text[/\r?\n/] || "\n"}" }.join
    wanted[importmap] = text.sub(/\A([ \t]*(#.*)?\R)*/) { |comments| comments + pins }
  end
end

# All or nothing.
old = wanted.to_h { |file, _| [file, read.(file)] }
changed = wanted.reject { |file, text| text == old[file] }
write = lambda do |file, text|
  next FileUtils.rm_f(file) unless text
  FileUtils.mkdir_p(File.dirname(file))
  File.binwrite(file, text)
end
begin
  changed.each { |file, text| write.(file, text) }
rescue SystemCallError => error
  changed.each_key { |file| write.(file, old[file]) rescue nil }
  stop.("#{error.message}.")
end
Dir.rmdir(File.dirname(setup)) if changed.key?(setup) && Dir.empty?(File.dirname(setup))

# What was done.
about = ->(text) { [text[added, 1], text[/^CableSocket\.install\("(.*?)"/, 1]].compact.join(", ") }
left.each { |file| say_status :left, "#{file}, as it was edited", :yellow }
changed.each do |file, text|
  difference = [old[file], text].compact.map(&about).uniq.join(" -> ")
  say_status !text ? :remove : old[file] ? :update : :create, "#{file}#{": #{difference}" if difference.include?("->")}"
end
if ENV.key?("UNDO")
  say changed.any? ? "Done." : "There was nothing to remove."
else
  (wanted.keys - changed.keys).each { |file| say_status :identical, file, :blue }
  sources.each do |file|
    others = read.(file).lines.grep(/CableSocket\.at\(/)
    others.each { |line| say_status :left, "#{file}, with an address of its own: #{line.strip}", :yellow }
  end
  say "\nDone: pages use WebSockets where they work, and the bridge at #{bridge} where they don't."
  say "Imported in #{entries.join(", ")}. Any other entry needs the same import as its first."
  # Rails and the bridge accept localhost by themselves.
  if (host = bridge[%r{\Ahttps?://[^/]+}]) && !host.match?(%r{//localhost\b})
    say "As the bridge is on another host, config.action_cable.allowed_request_origins and the bridge's allowed-origins"
    say "have to name your pages' origin, and a Content-Security-Policy's connect-src has to name #{host}."
  end
  say "To undo it: bin/rails app:template UNDO=1 LOCATION=#{location}"
end
