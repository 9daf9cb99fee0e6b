# A repository from its first commit to a merge with conflicts; names, dates and settings are fixed, and so are the hashes.
set -e
cd "$(mktemp -d)"
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
export GIT_AUTHOR_NAME=One GIT_AUTHOR_EMAIL=one@example GIT_COMMITTER_NAME=Two GIT_COMMITTER_EMAIL=two@example
day=1; commit() { export GIT_AUTHOR_DATE="2026-01-0$day 12:00 +0000" GIT_COMMITTER_DATE="2026-01-0$day 13:00 +0000"; day=$((day + 1)); git commit -q "$@"; }
git config --global init.defaultBranch main; git config --global advice.detachedHead false; git config --global gc.auto 0
for age in reflogExpire reflogExpireUnreachable pruneExpire; do git config --global gc.$age never; done
git init -q work; cd work
seq 1 40 > numbers; mkdir folder; echo text > folder/file; ln -s numbers link; printf '#!/bin/sh\necho hook\n' > run; chmod +x run
git add .; git status --short; commit -m "first"
sed -i 's/^20$/twenty/' numbers; git mv folder/file folder/moved; git diff --stat; git diff; git add -A; commit -m "second"
git log --oneline --stat; git show --format=%H%n%an%n%ad --date=iso HEAD~1 -- run
git checkout -q -b side HEAD~1; sed -i 's/^20$/XX/' numbers; echo more >> folder/file; commit -am "on the side"
git checkout -q main; git merge side || true
git status --short; sed -n '/<<</,/>>>/p' numbers; git checkout -q --theirs numbers; git add -A; commit -m "merged"
git log --graph --oneline --all; git blame -s numbers | sed -n '19,21p'; git ls-tree -r HEAD
git tag -a -m "a tag" v1 HEAD~1; git describe; git stash list; echo dirty >> numbers; git stash -q; git stash list | cut -d: -f1; git stash pop -q; git checkout -q numbers
git checkout -q -b topic v1; echo end >> numbers; commit -am "on a topic"; git mv run hook; commit -am "renamed"
GIT_COMMITTER_DATE="2026-02-01 00:00 +0000" git rebase -q main; git cherry -v main; git checkout -q main; git merge -q --ff-only topic
git gc -q; git fsck --no-progress --no-dangling
cd ..; git clone -q work copy; cd copy; git log --format=%h -n 1; echo new > new; git add new; commit -m "in the copy"; git push -q origin HEAD:refs/heads/pushed
cd ../work; git branch -v; git archive HEAD | tar tf -; git grep -n XX HEAD~1; git rev-list --count --all; git bundle create -q ../all.bundle --all; git bundle verify -q ../all.bundle && echo verified
git reset -q --hard HEAD~1; git reflog | wc -l; git clean -fdxn; git bisect start -q HEAD HEAD~1 > /dev/null; git bisect reset > /dev/null 2>&1; git worktree add -q ../tree HEAD~1; git worktree list | wc -l
cd /; rm -rf "$HOME"
