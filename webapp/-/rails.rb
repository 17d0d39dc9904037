# Cablestream in a Rails application, with importmap, esbuild, webpack, rollup, bun or vite:
#
#     bin/rails app:template LOCATION=https://app.example.com/cable-events/-/rails.rb
#
# puts the browser's script among the application's own, so that no page depends on the bridge being there,
# and lets ActionCable's consumer and Turbo go over the bridge where WebSockets don't get through. Again: takes
# the script as it is now, and changes nothing else. UNDO=1: takes everything back. BRIDGE=https://...: where
# pages find the bridge, if not below the path of LOCATION on the application's own host.

location = ENV.fetch("LOCATION")
undo = ENV.key?("UNDO")
place = location[%r{\A(.*)/-/rails\.rb\z}, 1].to_s
path = place[%r{\Ahttps?://[^/]+(/.+)\z}, 1]
remote = place.match?(%r{\Ahttps?://})
bridge = ENV["BRIDGE"] || path || (remote ? place : "/cable-events")

mark = "// Cablestream: "
extensions = %w[js ts jsx tsx mjs]
importmap = "config/importmap.rb"
maps = File.exist?(importmap)
abort "There is neither config/importmap.rb nor a package.json: nothing here takes a module." unless maps || File.exist?("package.json")

root = "app/javascript"
root = JSON.parse(File.read("config/vite.json")).dig("all", "sourceCodeDir") || "app/frontend" if File.exist?("config/vite.json")
script = maps ? "vendor/javascript/cablestream.js" : "#{root}/cablestream.js"
find = lambda do |*names|
  names.product(extensions).map { |name, extension| "#{root}/#{name}.#{extension}" }.find { |file| File.exist?(file) }
end
consumer = find.call("channels/consumer", "consumer") || "#{root}/channels/consumer.js"
entry = find.call("application", "entrypoints/application")

# What a file imports another by.
name = lambda do |file, from|
  next file.delete_prefix("#{root}/").delete_prefix("vendor/javascript/").sub(/\.\w+\z/, "") if maps
  relative = Pathname(file.sub(/\.\w+\z/, "")).relative_path_from(Pathname(from).dirname).to_s
  relative.start_with?(".") ? relative : "./#{relative}"
end

# Gives the block what the file has, nil for none, and puts there what it returns.
rewrite = lambda do |file, &change|
  old = File.read(file) if File.exist?(file)
  text = change.call(old)
  if text == old
    say_status :identical, file, :blue if old
  elsif text.nil?
    remove_file file
  else
    say_status old ? :change : :create, file
    create_file file, text, force: true, verbose: false
  end
end

rewrite.call(script) do
  next if undo
  remote ? URI.parse("#{place}/-/cablestream.js").open(&:read) : File.read("#{File.dirname(location)}/cablestream.js")
end

if maps
  rewrite.call(importmap) do |text|
    next text.gsub(/^pin.* # cablestream\n/, "") if undo
    wanted = { "cablestream" => 'pin "cablestream"', "@rails/actioncable" => 'pin "@rails/actioncable", to: "actioncable.esm.js"' }
    wanted["channels"] = 'pin_all_from "app/javascript/channels", under: "channels"' if consumer.include?("/channels/")
    missing = wanted.reject { |pinned, _| text.match?(/^pin(_all_from)? .*["'](app\/javascript\/)?#{Regexp.escape(pinned)}["']/) }
    lines = missing.values.map { |line| "#{line} # cablestream\n" }.join
    lines.empty? ? text : "#{text.chomp}\n#{lines}"
  end
else
  packages = JSON.parse(File.read("package.json")).values_at("dependencies", "devDependencies").compact.reduce({}, :merge)
  unless undo || packages.key?("@rails/actioncable") || packages.key?("@anycable/web")
    tool = { "yarn.lock" => "yarn add", "pnpm-lock.yaml" => "pnpm add", "bun.lock" => "bun add", "bun.lockb" => "bun add" }
    run "#{tool.find { |lock, _| File.exist?(lock) }&.last || "npm install"} @rails/actioncable"
  end
end

plain = /^import \{ createConsumer \} from (["'])@rails\/actioncable\1;?$/
ours = <<~JS.chomp
  import { adapters, createConsumer } from "@rails/actioncable"
  import { CableSocket } from "#{name.call(script, consumer)}"

  adapters.WebSocket = CableSocket.at("#{bridge}")
JS
whole = "#{ours}\n\nexport default createConsumer()\n"
rewrite.call(consumer) do |text|
  if undo
    next if text.nil? || text == whole
    text.sub(/^import \{ adapters, createConsumer \} from "@rails\/actioncable"\nimport \{ CableSocket \} .*\n\nadapters\.WebSocket = CableSocket\.at.*$/, 'import { createConsumer } from "@rails/actioncable"')
  elsif text.nil?
    whole
  elsif text.include?("CableSocket")
    text
  elsif text.match?(plain)
    text.sub(plain) { ours }
  else
    say_status :skip, "#{consumer} is your own work. It needs: adapters.WebSocket = CableSocket.at(\"#{bridge}\"), or for AnyCable: websocketImplementation", :yellow
    text
  end
end

turbo = entry && File.read(entry).match?(/["']@hotwired\/turbo-rails["']/)
block = <<~JS
  #{mark}Turbo's streams take this consumer. Before Turbo's own import, as Turbo dials by itself otherwise.
  import { cableTurbo } from "#{name.call(script, entry)}"
  import { cable } from "@hotwired/turbo-rails"
  import consumer from "#{name.call(consumer, entry)}"
  cableTurbo(cable, consumer)

JS
if turbo
  rewrite.call(entry) do |text|
    next text.sub(/^#{Regexp.escape(mark)}.*\n(.*\n){4}\n/, "") if undo
    text.include?("cableTurbo") ? text : block + text
  end
end
Dir.rmdir(File.dirname(consumer)) if undo && Dir.exist?(File.dirname(consumer)) && Dir.empty?(File.dirname(consumer))

unless undo
  say ""
  say "Pages use WebSockets where they work, and the bridge at #{bridge} where they don't."
  say "Development and test need no bridge: without one everything works that works over WebSockets."
  if bridge.match?(%r{\Ahttps?://})
    say "As the bridge is on another host: config.action_cable.allowed_request_origins names your pages' origin,"
    say "the Content-Security-Policy's connect-src names #{bridge[%r{\Ahttps?://[^/]+}]}, and the bridge's allowed-origins names the pages."
  end
  say "To take it back: bin/rails app:template UNDO=1 LOCATION=#{location}"
end
