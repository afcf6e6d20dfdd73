// Snapshots: the packed blocks of an index in one file, each with its checksum, mapped when it is read.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <cstdio>
#include <system_error>
#include <thread>

#include "index.hpp"

namespace broadsheet {

namespace {

constexpr char kMagic[] = "BSINDEX";
constexpr uint64_t kVersion = 6, kPage = 4096, kOrder = 0x0102030405060708;

struct Header {
  char magic[8];
  uint64_t version, order, blocks;  // `order` tells the order of bytes
  int64_t position;
  Weights weights;
  char identity[256];
  uint64_t lists, lists_bytes, lists_checksum;  // how many, behind the entries
  uint64_t checksum;                            // of the header up to here and the entries
};

struct Entry {
  Block::Sizes sizes;
  uint64_t offset, bytes, checksum;
};

// Of lists; their centres follow.
struct Learned {
  uint64_t dimension, size, learned, replaced;
  int64_t from, until;
};

uint64_t checksum(const std::byte* data, size_t size, uint64_t start = 0) {
  constexpr uint64_t kPrime = 0x9FB21C651E98DF25;
  uint64_t lanes[4] = {start + 1, start + 2, start + 3, start + 4};
  size_t place = 0;
  for (; place + 32 <= size; place += 32)
    for (int lane = 0; lane < 4; ++lane) {
      uint64_t word;
      std::memcpy(&word, data + place + 8 * lane, 8);
      lanes[lane] = (lanes[lane] ^ word) * kPrime;
      lanes[lane] ^= lanes[lane] >> 29;
    }
  for (; place < size; ++place) lanes[place % 4] = (lanes[place % 4] ^ static_cast<uint64_t>(data[place])) * kPrime;
  uint64_t sum = size;
  for (const uint64_t lane : lanes) sum = (sum ^ lane) * kPrime, sum ^= sum >> 32;
  return sum;
}

uint64_t checksum(const Header& header, const std::vector<Entry>& entries) {
  const uint64_t first = checksum(reinterpret_cast<const std::byte*>(&header), offsetof(Header, checksum));
  return checksum(reinterpret_cast<const std::byte*>(entries.data()), entries.size() * sizeof(Entry), first);
}

class File {
 public:
  File(const std::string& path, int flags) : descriptor_(path.find('\0') == path.npos ? open(path.c_str(), flags | O_CLOEXEC, 0600) : -1), path_(path) {
    if (path.find('\0') != path.npos) errno = EINVAL;
    if (descriptor_ < 0) fail();
  }
  ~File() { close(descriptor_); }
  File(const File&) = delete;
  void operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

  void write(const void* data, size_t size) {
    for (const auto* next = static_cast<const char*>(data); size;) {
      const ssize_t written = ::write(descriptor_, next, size);
      if (written < 0 && errno != EINTR) fail();
      if (written > 0) next += written, size -= static_cast<size_t>(written);
    }
  }
  size_t read(void* data, size_t size) const {
    const ssize_t got = ::read(descriptor_, data, size);
    if (got < 0) fail();
    return static_cast<size_t>(got);
  }
  void sync() {
    if (fsync(descriptor_)) fail();
  }
  uint64_t size() const {
    struct stat status {};
    if (fstat(descriptor_, &status)) fail();
    return static_cast<uint64_t>(status.st_size);
  }
  [[noreturn]] void fail() const { throw std::system_error(errno, std::generic_category(), path_); }

 private:
  int descriptor_;
  std::string path_;
};

std::vector<std::byte> to_bytes(const std::vector<std::shared_ptr<Lists>>& all) {
  std::vector<std::byte> bytes;
  const auto put = [&](const void* data, size_t size) { bytes.insert(bytes.end(), static_cast<const std::byte*>(data), static_cast<const std::byte*>(data) + size); };
  for (const auto& one : all) {
    const Learned head{one->dimension, one->size(), one->learned, one->replaced, one->from, one->until};
    put(&head, sizeof head);
    put(one->centres().data(), one->centres().size());
  }
  return bytes;
}

uint64_t pages(uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

}  // namespace

// Writes beside the old snapshot and renames, so that a reader finds one of the two, whole.
void Index::save(const std::string& path, const std::string& identity) {
  Lock lock(writing_);
  settle(lock);
  std::vector<std::shared_ptr<Block>> packed;
  for (size_t number = 0; number < blocks_.size(); ++number) {
    const Block& block = *blocks_[number];
    if (!block.size()) continue;
    if (block.is_changed()) {
      packed.push_back(block.pack_again());
      if (number != tail_) blocks_[number] = packed.back();
    } else {
      packed.push_back(blocks_[number]);
    }
  }
  publish(state_->position);
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof header.magic);
  header.version = kVersion;
  header.order = kOrder;
  header.blocks = packed.size();
  header.position = state_->position;
  header.weights = weights_;
  if (identity.size() >= sizeof header.identity) throw std::length_error("a snapshot's identity has at most 255 bytes");
  std::memcpy(header.identity, identity.data(), identity.size());
  const std::vector<std::byte> learned = to_bytes(lists_);
  header.lists = lists_.size();
  header.lists_bytes = learned.size();
  header.lists_checksum = checksum(learned.data(), learned.size());
  std::vector<Entry> entries;
  const uint64_t listed = packed.size() * sizeof(Entry) + learned.size();
  uint64_t offset = pages(sizeof header + listed);
  for (const auto& block : packed) {
    const Region& image = block->image();
    entries.push_back({block->sizes(), offset, image.size(), checksum(image.data(), image.size())});
    offset += pages(image.size());
  }
  header.checksum = checksum(header, entries);
  const std::string beside = path + "." + std::to_string(getpid()) + ".new";
  try {
    File file(beside, O_WRONLY | O_CREAT | O_TRUNC);
    const std::vector<std::byte> blank(kPage);
    const auto pad = [&](uint64_t size) { file.write(blank.data(), pages(size) - size); };
    file.write(&header, sizeof header);
    file.write(entries.data(), entries.size() * sizeof(Entry));
    file.write(learned.data(), learned.size());
    pad(sizeof header + listed);
    for (const auto& block : packed) {
      file.write(block->image().data(), block->image().size());
      pad(block->image().size());
    }
    file.sync();
    if (rename(beside.c_str(), path.c_str())) file.fail();
  } catch (...) {
    unlink(beside.c_str());
    throw;
  }
}

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) { throw SnapshotError("the snapshot " + path + " " + why); }

Header read_header(const File& file, const std::string& path) {
  Header header{};
  if (file.read(&header, sizeof header) != sizeof header || std::memcmp(header.magic, kMagic, sizeof header.magic)) refuse(path, "is none of ours");
  if (header.version != kVersion || header.order != kOrder) refuse(path, "is of another version");
  return header;
}

}  // namespace

int64_t Index::position_of(const std::string& path) { return read_header(File(path, O_RDONLY), path).position; }

Index::Index(const Weights& weights, const std::string& path, const std::string& identity, uint32_t block_slots, uint32_t learned_from)
    : Index(weights, block_slots, learned_from) {
  const File file(path, O_RDONLY);
  const Header header = read_header(file, path);
  if (header.blocks > file.size() / sizeof(Entry)) refuse(path, "is damaged");
  std::vector<Entry> entries(header.blocks);
  const size_t listed = entries.size() * sizeof(Entry);
  if (file.read(entries.data(), listed) != listed || checksum(header, entries) != header.checksum) refuse(path, "is damaged");
  if (std::memcmp(&header.weights, &weights, sizeof weights)) refuse(path, "was made with other weights");
  if (identity.size() >= sizeof header.identity || std::memcmp(header.identity, std::string(identity).append(sizeof header.identity - identity.size(), 0).data(), sizeof header.identity))
    refuse(path, "belongs to another library");
  std::vector<std::byte> learned(std::min(header.lists_bytes, file.size()));
  if (file.read(learned.data(), learned.size()) != header.lists_bytes || checksum(learned.data(), learned.size()) != header.lists_checksum) refuse(path, "is damaged");
  for (size_t place = 0; lists_.size() < header.lists;) {
    Learned head{};
    if (learned.size() - place < sizeof head) refuse(path, "is damaged");
    std::memcpy(&head, learned.data() + place, sizeof head);
    place += sizeof head;
    const size_t left = learned.size() - place;
    if (!head.dimension || !head.size || head.size > Lists::kNone || head.dimension > left / head.size) refuse(path, "is damaged");
    const auto* centres = reinterpret_cast<const int8_t*>(learned.data() + place);
    lists_.push_back(std::make_shared<Lists>(static_cast<uint32_t>(head.dimension), static_cast<uint32_t>(head.size), centres));
    place += head.dimension * head.size;
    Lists& one = *lists_.back();
    one.learned = head.learned, one.replaced = head.replaced, one.from = head.from, one.until = head.until;
  }
  std::vector<Region> images;
  for (const Entry& entry : entries) {
    if (!entry.bytes || entry.offset % kPage || entry.offset > file.size() || entry.bytes > file.size() - entry.offset) refuse(path, "is cut off");
    images.push_back(Region::of_file(file.descriptor(), entry.offset, entry.bytes));
  }
  std::atomic<size_t> next{0};
  std::atomic<bool> is_sound{true};
  const auto check = [&] {
    for (size_t number; (number = next++) < images.size();)
      if (checksum(images[number].data(), images[number].size()) != entries[number].checksum) is_sound = false;
  };
  {
    const std::jthread other(check);
    check();
  }
  for (size_t number = 0; number < entries.size(); ++number) is_sound = is_sound && Block::can_hold(images[number], entries[number].sizes);
  if (!is_sound) refuse(path, "is damaged");
  blocks_.clear();
  for (size_t number = 0; number < entries.size(); ++number) blocks_.push_back(std::make_shared<Block>(weights_, entries[number].sizes, std::move(images[number])));
  open_.read_again();
  for (const auto& block : blocks_)
    for (uint32_t slot = 0; slot < block->size(); ++slot) {
      if (block->died[slot] != kNever) continue;
      ++papers_;
      for (int field = 0; field < kFields; ++field) lengths_[field] += block->lengths[kFields * slot + field];
    }
  grow_another();
  publish(header.position);
}

}  // namespace broadsheet
